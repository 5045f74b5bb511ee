import { describe, expect, it } from 'vitest';
import { PictureFlow, type PictureCounts } from '#src/stream/stages/record/picture-flow.js';

const looks = (counts: readonly PictureCounts[]): readonly (string | undefined)[] => {
  const flow = new PictureFlow();
  return counts.map((each) => flow.look(each));
};
const same = (pushed: number, times: number): PictureCounts[] =>
  Array.from({ length: times }, () => ({ pushed, dropped: 0 }));

describe('pictures on their way into files', () => {
  it.each<[string, PictureCounts[]]>([
    ['come', [0, 5, 30, 60].map((pushed) => ({ pushed, dropped: 0 }))],
    ['come seldom', [...same(0, 15), ...same(30, 15), ...same(60, 15)]],
  ])('are not missing where they %s', (_name, counts) => {
    expect(looks(counts).filter(Boolean)).toEqual([]);
  });

  it.each<[string, PictureCounts[], RegExp]>([
    ['never come', same(0, 16), /no picture came/],
    ['come no more', [...same(30, 1), ...same(60, 16)], /no picture came/],
    ['are left out', [...same(30, 2), { pushed: 60, dropped: 1 }], /left out/],
  ])('are missing where they %s, told at the last look', (_name, counts, said) => {
    const told = looks(counts);

    expect(told.at(-1)).toMatch(said);
    expect(told.slice(0, -1).filter(Boolean)).toEqual([]);
  });
});
