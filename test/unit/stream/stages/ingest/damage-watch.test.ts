import { describe, expect, it } from 'vitest';
import { DamageWatch } from '#src/stream/stages/ingest/damage-watch.js';

/** What is told of counts that are looked at each second. */
function told(totals: readonly number[]): string[] {
  const watch = new DamageWatch();
  return totals.flatMap((total, second) => {
    const news = watch.next(total, second * 1000);
    return news === undefined ? [] : [news.type === 'over' ? `${second}: over, ${news.count}` : `${second}: begins`];
  });
}

const still = (seconds: number, total: number): number[] => Array.from({ length: seconds }, () => total);

describe('DamageWatch', () => {
  it.each([
    { name: 'nothing', totals: still(30, 0), is: [] },
    { name: 'damage that lasts', totals: Array.from({ length: 30 }, (_, at) => at), is: ['1: begins'] },
    { name: 'one packet', totals: [0, 1, ...still(20, 1)], is: ['1: begins', '11: over, 1'] },
    { name: 'pauses', totals: [0, 3, ...still(5, 3), 7, ...still(20, 7)], is: ['1: begins', '17: over, 7'] },
    {
      name: 'damage that comes again',
      totals: [0, 2, ...still(12, 2), 5, ...still(12, 5)],
      is: ['1: begins', '11: over, 2', '14: begins', '24: over, 3'],
    },
  ])('tells $name', ({ totals, is }) => {
    expect(told(totals)).toEqual(is);
  });
});
