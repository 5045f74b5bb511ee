import { describe, expect, it } from 'vitest';
import { linesBetween, plateBox } from '#src/stream/stages/compose/marks.js';
import { film, left as leftPlace, output, people } from './film.js';
import { faceBox, makeTrack } from './two-people.js';

const frame = { x: 0, y: 0, width: 1920, height: 1080 };
const left = { x: 0, y: 0, width: 960, height: 1080 };
const right = { x: 960, y: 0, width: 960, height: 1080 };

describe('linesBetween', () => {
  it('draws one line where two tiles meet, in the middle of the edge', () => {
    expect(linesBetween([left, right], frame, 8, 1)).toEqual([
      { type: 'line', dest: { x: 956, y: 0, width: 8, height: 1080 }, alpha: 1 },
    ]);
  });

  it('draws a cross between four', () => {
    const quarters = [0, 960].flatMap((x) => [0, 540].map((y) => ({ x, y, width: 960, height: 540 })));

    expect(linesBetween(quarters, frame, 4, 0.5)).toHaveLength(4);
  });

  it('keeps to the frame, and draws none around it or where there is nothing to see', () => {
    expect(linesBetween([frame], frame, 8, 1)).toEqual([]);
    expect(linesBetween([left, { ...right, x: 1918 }], frame, 8, 1)).toEqual([
      { type: 'line', dest: { x: 1914, y: 0, width: 6, height: 1080 }, alpha: 1 },
    ]);
    expect(linesBetween([left, right], frame, 0, 1)).toEqual([]);
    expect(linesBetween([left, right], frame, 8, 0)).toEqual([]);
  });
});

describe('plateBox', () => {
  it('is centred at the lower edge, inside the safe area', () => {
    expect(plateBox({ width: 400, height: 66 }, right)).toEqual({ x: 1240, y: 950, width: 400, height: 66 });
  });

  it('is smaller in a tile that is too small for it, with its aspect', () => {
    const { width, height } = plateBox({ width: 1200, height: 66 }, { x: 0, y: 0, width: 640, height: 1080 });

    expect(width).toBeLessThanOrEqual(640 * 0.86 + 1);
    expect(width / height).toBeCloseTo(1200 / 66, 0);
  });
});

describe('name plates and lines of a plan', () => {
  const plates = new Map([
    ['Anna', { crop: { width: 300, height: 66 } }],
    ['Ben', { crop: { width: 200, height: 66 } }],
  ]);
  const labels = ['Anna', 'Ben'];

  it('names both tiles of a two-shot and parts them', () => {
    const { marks } = film(() => ({ slots: [1, 2] }), 3, { labels, plates, borderPx: 4 }).at(-1)!;

    expect(marks).toEqual([
      { type: 'line', dest: { x: 958, y: 0, width: 4, height: 1080 }, alpha: 1 },
      { type: 'label', label: 'Anna', dest: { x: 330, y: 950, width: 300, height: 66 }, alpha: 0.86 },
      { type: 'label', label: 'Ben', dest: { x: 1340, y: 950, width: 200, height: 66 }, alpha: 0.86 },
    ]);
  });

  it('names only who is shown alone, and nobody in the scene', () => {
    const plans = film((tS) => ({ slots: tS < 3 ? [undefined, 2] : [] }), 9, { labels, plates, borderPx: 4 });

    expect(plans[80]!.marks).toEqual([
      { type: 'label', label: 'Ben', dest: { x: 860, y: 950, width: 200, height: 66 }, alpha: 0.86 },
    ]);
    expect(plans.at(-1)!.marks).toEqual([]);
  });

  it('fades and moves without a jump when a person joins', () => {
    const plans = film((tS) => ({ slots: tS < 3 ? [undefined, 2] : [1, 2] }), 6, { labels, plates });
    const xs = plans.map(
      ({ marks }) => marks.find((mark) => mark.type === 'label' && mark.label === 'Ben')?.dest.x ?? 0,
    );

    for (let i = 80; i < xs.length; i++) expect(Math.abs(xs[i]! - xs[i - 1]!)).toBeLessThan(output.width / 10);
    expect(xs.at(-1)).toBe(1340);
  });

  it('leaves places without a name alone', () => {
    const { marks } = film(() => ({ slots: [1, 2] }), 3, { labels: ['', 'Ben'], plates }).at(-1)!;

    expect(marks).toMatchObject([{ type: 'label', label: 'Ben' }]);
  });

  it.each<[string, readonly number[], readonly (string | undefined)[]]>([
    ['as they are', [1, 2], ['Anna', 'Ben']],
    ['after they have changed tiles', [2, 1], ['Ben', 'Anna']],
    ['with somebody who has no name', [3, 2], ['Left', 'Ben']],
  ])('names people, and tiles whose people have none: %s', (_name, slots, expected) => {
    const names = new Map([
      [1, 'Anna'],
      [2, 'Ben'],
    ]);
    const tracks = [...people(0), makeTrack({ id: 3, box: faceBox(leftPlace, 120), seenPtsMs: 0 })];
    const drawn = new Map([...plates, ['Left', { crop: { width: 100, height: 66 } }]]);

    const { marks } = film(() => ({ slots, names, tracks }), 3, { labels: ['Left', 'Right'], plates: drawn }).at(-1)!;

    expect(marks.map((mark) => (mark.type === 'label' ? mark.label : undefined))).toEqual(expected);
  });

  it('moves a name with its person through a swap of the tiles', () => {
    const names = new Map([[1, 'Anna']]);
    const plans = film((tS) => ({ slots: tS < 3 ? [1, 2] : [2, 1], names }), 6, { plates });
    const xs = plans.map(({ marks }) => marks.map((mark) => (mark.type === 'label' ? mark.dest.x : 0)));

    expect(xs[80]).toEqual([330]);
    expect(xs.at(-1)).toEqual([1290]);
  });

  it('waits for a plate that is not drawn yet', () => {
    const { marks } = film(() => ({ slots: [1, 2], names: new Map([[1, 'Cleo']]) }), 3, { plates }).at(-1)!;

    expect(marks).toEqual([]);
  });
});
