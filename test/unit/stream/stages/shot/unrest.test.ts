import { describe, expect, it } from 'vitest';
import { Unrest } from '#src/stream/stages/shot/unrest.js';
import { FACE, play, stay, walk, type Person } from './played-shots.js';

/** Whether the whole scene is shown instead, at each moment; shots of the rules by when they begin, s. */
function restless(
  changes: readonly (readonly [sinceS: number, shot: string])[],
  lastS: number,
  {
    pace = 1,
    joiningS = [],
    standsFromS = Infinity,
  }: { readonly pace?: number; readonly joiningS?: readonly number[]; readonly standsFromS?: number } = {},
): readonly string[] {
  const unrest = new Unrest();
  const spans: string[] = [];
  let was = false;
  for (let nowS = 0; nowS <= lastS; nowS += 0.5) {
    const shot = changes.findLast(([sinceS]) => sinceS <= nowS)![1];
    const isJoining = joiningS.includes(nowS);
    const standingS = Math.max(0, nowS - standsFromS);
    const is = unrest.update({ shot, isWide: shot === 'wide', isJoining, standingS, nowS, pace });
    if (is !== was) spans.push(`${is ? 'from' : 'to'} ${nowS}`);
    was = is;
  }
  return spans;
}

const everyS = (stepS: number, count: number): [number, string][] =>
  Array.from({ length: count }, (_, index) => [index * stepS, index % 2 === 0 ? 'split' : 'together']);

describe('where the rules change their shots', () => {
  it.each<[string, [number, string][], number, object, string[]]>([
    ['four times in 20 s: they are followed', everyS(4.5, 5), 60, {}, []],
    ['every 6 s: they are followed', everyS(6, 20), 120, {}, []],
    [
      'every 3 s for a while: from the fifth change on not, until 10 s have been calm',
      everyS(3, 8),
      60,
      {},
      ['from 15', 'to 31'],
    ],
    ['every 3 s, and then everybody stands', everyS(3, 8), 60, { standsFromS: 20 }, ['from 15', 'to 23']],
    ['every 3 s, without end', everyS(3, 40), 119, {}, ['from 15']],
    ['every 3 s, lively', everyS(3, 40), 119, { pace: 0.5 }, []],
    ['every 6 s, calm', everyS(6, 12), 119, { pace: 2 }, ['from 30', 'to 86']],
    ['with tiles that join, later', everyS(3, 8), 60, { joiningS: [15] }, ['from 18', 'to 31']],
    [
      'to the scene itself: that is no other shot',
      [...everyS(3, 5), [15, 'wide'], [18, 'split']],
      60,
      {},
      ['from 18', 'to 28'],
    ],
  ])('%s', (_, changes, lastS, options, expected) => {
    expect(restless(changes, lastS, options)).toEqual(expected);
  });
});

it('a street shows the whole scene, and no shot of somebody for a moment', () => {
  // Somebody passes every 5 s, for a minute.
  const people = Array.from({ length: 12 }, (_, index): Person => {
    const [fromS, toS] = [1 + 5 * index, 5 + 5 * index];
    const path = walk(0, 1920, fromS, toS);
    return { id: index + 1, at: (tS) => (tS >= fromS && tS < toS ? path(tS) : undefined) };
  });

  const shots = play([...people, { id: 99, at: stay(960 - FACE) }], 60);

  expect(shots.length - 1).toBeLessThanOrEqual(7);
  expect(shots.at(-1)).toMatchObject({ kind: 'wide' });
});
