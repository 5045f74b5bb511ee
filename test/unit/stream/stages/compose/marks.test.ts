import { describe, expect, it } from 'vitest';
import { linesBetween, plateBox } from '#src/stream/stages/compose/marks.js';
import { film, output } from './film.js';

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
  const plates = [
    { width: 300, height: 66 },
    { width: 200, height: 66 },
  ];

  it('names both tiles of a two-shot and parts them', () => {
    const { marks } = film(() => ({ slots: [1, 2] }), 3, { plates, borderPx: 4 }).at(-1)!;

    expect(marks).toEqual([
      { type: 'line', dest: { x: 958, y: 0, width: 4, height: 1080 }, alpha: 1 },
      { type: 'label', label: 0, dest: { x: 330, y: 950, width: 300, height: 66 }, alpha: 0.86 },
      { type: 'label', label: 1, dest: { x: 1340, y: 950, width: 200, height: 66 }, alpha: 0.86 },
    ]);
  });

  it('names only who is shown alone, and nobody in the scene', () => {
    const plans = film((tS) => ({ slots: tS < 3 ? [undefined, 2] : [] }), 9, { plates, borderPx: 4 });

    expect(plans[80]!.marks).toEqual([
      { type: 'label', label: 1, dest: { x: 860, y: 950, width: 200, height: 66 }, alpha: 0.86 },
    ]);
    expect(plans.at(-1)!.marks).toEqual([]);
  });

  it('fades and moves without a jump when a person joins', () => {
    const plans = film((tS) => ({ slots: tS < 3 ? [undefined, 2] : [1, 2] }), 6, { plates });
    const xs = plans.map(({ marks }) => marks.find((mark) => mark.type === 'label' && mark.label === 1)?.dest.x ?? 0);

    for (let i = 80; i < xs.length; i++) expect(Math.abs(xs[i]! - xs[i - 1]!)).toBeLessThan(output.width / 10);
    expect(xs.at(-1)).toBe(1340);
  });

  it('leaves places without a name alone', () => {
    const { marks } = film(() => ({ slots: [1, 2] }), 3, { plates: [undefined, plates[1]] }).at(-1)!;

    expect(marks).toMatchObject([{ type: 'label', label: 1 }]);
  });
});
