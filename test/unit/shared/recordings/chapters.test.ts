import { describe, expect, it } from 'vitest';
import type { ShownEntry } from '#src/shared/domain/recording.js';
import { chapterBoxes, chaptersOf, type Chapter } from '#src/shared/recordings/chapters.js';

const dual = (atS: number, left: number, right: number, name?: string): ShownEntry => ({
  ...{ atS, layout: 'dual' },
  people: [
    { slot: 0, trackId: left, ...(name !== undefined && { name }) },
    { slot: 1, trackId: right },
  ],
});

describe('chapters', () => {
  it.each<[string, ShownEntry[], Chapter[]]>([
    ['there are none where nothing is known', [], []],
    ['name people', [dual(0, 1, 2, 'Anna')], [{ atS: 0, title: 'Anna, Person 2' }]],
    [
      'follow who is shown',
      [dual(0, 1, 2), { atS: 5, layout: 'scene', people: [] }, dual(9, 2, 1)],
      [
        { atS: 0, title: 'Person 1, Person 2' },
        { atS: 5, title: 'Whole scene' },
        { atS: 9, title: 'Person 2, Person 1' },
      ],
    ],
    [
      'leave out what held for less than a second',
      [dual(0, 1, 2), dual(4, 2, 1), dual(4.5, 1, 3)],
      [
        { atS: 0, title: 'Person 1, Person 2' },
        { atS: 4, title: 'Person 1, Person 3' },
      ],
    ],
    [
      'are not begun by a moment',
      [dual(0, 1, 2), dual(4, 2, 1), dual(4.5, 1, 2)],
      [{ atS: 0, title: 'Person 1, Person 2' }],
    ],
  ])('%s', (_name, shown, chapters) => {
    expect(chaptersOf({ shown })).toEqual(chapters);
  });
});

describe('the boxes', () => {
  const titlesOf = (boxes: Buffer): string[] => {
    const titles: string[] = [];
    for (let at = 17, count = boxes.readUInt8(16); count > 0; count--) {
      const length = boxes.readUInt8(at + 8);
      titles.push(boxes.toString('utf8', at + 9, at + 9 + length));
      at += 9 + length;
    }
    return titles;
  };

  it('fill the room', () => {
    const boxes = chapterBoxes([{ atS: 2.5, title: 'Anna' }], 100);

    expect(boxes?.length).toBe(100);
    expect(boxes?.readUInt32BE(0)).toBe(30);
    expect(boxes?.toString('latin1', 4, 8)).toBe('chpl');
    expect(boxes?.readBigUInt64BE(17)).toBe(25_000_000n);
    expect(boxes?.readUInt32BE(30)).toBe(70);
    expect(boxes?.toString('latin1', 34, 38)).toBe('free');
  });

  it.each<[string, number, number, number]>([
    ['as many as find room', 3, 50, 2],
    ['as many as one byte counts', 400, 16_000, 255],
  ])('hold %s', (_name, count, room, held) => {
    const chapters = Array.from({ length: count }, (_, index) => ({ atS: index, title: `C${index}` }));

    const boxes = chapterBoxes(chapters, room);

    expect(titlesOf(boxes ?? Buffer.alloc(20))).toHaveLength(held);
  });

  it('are none where there is no room, or no chapter', () => {
    expect(chapterBoxes([{ atS: 0, title: 'Anna' }], 30)).toBeUndefined();
    expect(chapterBoxes([], 1000)).toBeUndefined();
  });

  it('cut a title between characters', () => {
    const boxes = chapterBoxes([{ atS: 0, title: `${'x'.repeat(254)}é` }], 1000);

    expect(titlesOf(boxes ?? Buffer.alloc(20))).toEqual(['x'.repeat(254)]);
  });
});
