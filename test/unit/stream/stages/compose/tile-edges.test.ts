import { describe, expect, it } from 'vitest';
import type { Box } from '#src/shared/domain/box.js';
import { tileArea } from '#src/stream/domain/tile-area.js';
import { LayoutPlanner } from '#src/stream/stages/compose/layout-planner.js';
import { edgesOf } from '#src/stream/stages/compose/tile-edges.js';
import { film, output, people } from './film.js';
import { source } from './two-people.js';

const frame = { x: 24, y: 24, width: 1872, height: 1032 };
const left = { ...frame, width: 936 };
const right = { ...frame, x: 960, width: 936 };
const style = { borderPx: 2, marginPx: 24, cornerPx: 30 };

describe('edges of tiles', () => {
  it.each<[string, Box[], object, number[], number, unknown[]]>([
    ['a line only', [left, right], { borderPx: 2 }, [0, 0], 0, [{ type: 'line', dest: { x: 958, width: 2 } }]],
    [
      'a margin between tiles, the line in its middle',
      [left, right],
      { ...style, cornerPx: 0 },
      [0, 0],
      0,
      [
        { type: 'background', dest: { x: 948, y: 24, width: 24, height: 1032 }, alpha: 1 },
        { type: 'line', dest: { x: 958, width: 2 } },
      ],
    ],
    [
      'corners of what is seen of a tile',
      [left, right],
      { ...style, borderPx: 0 },
      [0, 0],
      0,
      [
        { type: 'background' },
        { type: 'corners', dest: { x: 24, y: 24, width: 924, height: 1032 }, radii: [30, 30, 30, 30], alpha: 1 },
        { type: 'corners', dest: { x: 972, y: 24, width: 924, height: 1032 }, radii: [30, 30, 30, 30], alpha: 1 },
      ],
    ],
    [
      'one frame: corners around it alone',
      [left, right],
      style,
      [0, 1],
      0,
      [
        { type: 'corners', radii: [30, 0, 30, 0] },
        { type: 'corners', radii: [0, 30, 0, 30] },
      ],
    ],
    [
      'on the way to one frame',
      [left, right],
      { cornerPx: 30 },
      [0, 0.5],
      0,
      [
        { type: 'corners', radii: [30, 15, 30, 15] },
        { type: 'corners', radii: [15, 30, 15, 30] },
      ],
    ],
    [
      'the scene: corners around it, no lines',
      [left, right],
      style,
      [0, 0],
      1,
      [
        { type: 'corners', radii: [30, 0, 30, 0] },
        { type: 'corners', radii: [0, 30, 0, 30] },
      ],
    ],
    [
      'a tile that moves out goes behind the margin',
      [{ ...frame, x: 1000 }],
      { marginPx: 24 },
      [0],
      0,
      [
        { type: 'background', dest: { x: 988, width: 24 } },
        { type: 'background', dest: { x: 1896, y: 24, width: 976, height: 1032 }, alpha: 1 },
      ],
    ],
    ['nothing', [left, right], {}, [0, 0], 0, []],
  ])('%s', (_, tiles, edges, joined, scene, expected) => {
    expect(edgesOf(tiles, frame, edges, joined, scene)).toMatchObject(expected);
    expect(edgesOf(tiles, frame, edges, joined, scene)).toHaveLength(expected.length);
  });

  it('four tiles have corners of their own', () => {
    const [w, h] = [frame.width / 2, frame.height / 2];
    const quarters = [0, w].flatMap((x) => [0, h].map((y) => ({ x: 24 + x, y: 24 + y, width: w, height: h })));

    const marks = edgesOf(quarters, frame, style, [0, 0, 0, 0], 0).filter(({ type }) => type === 'corners');

    expect(marks.map(({ dest }) => dest)).toEqual([
      { x: 24, y: 24, width: 924, height: 504 },
      { x: 24, y: 552, width: 924, height: 504 },
      { x: 972, y: 24, width: 924, height: 504 },
      { x: 972, y: 552, width: 924, height: 504 },
    ]);
  });
});

describe('a plan with a margin', () => {
  it('has its tiles inside', () => {
    const { regions, marks } = film(() => ({ slots: [1, 2] }), 3, { marginPx: 24, cornerPx: 30 }).at(-1)!;

    expect(regions.map(({ dest }) => dest)).toEqual([left, right]);
    for (const { crop, dest } of regions) expect(crop.width / crop.height).toBeCloseTo(dest.width / dest.height, 5);
    expect(marks.map(({ type }) => type)).toEqual(['background', 'corners', 'corners']);
  });

  it('has the whole scene inside too', () => {
    const { regions, marks } = film(() => ({ slots: [] }), 3, { marginPx: 24, cornerPx: 30 }).at(-1)!;

    expect(regions.map(({ dest }) => dest)).toEqual([frame]);
    expect(marks).toMatchObject([{ type: 'corners', dest: frame, radii: [30, 30, 30, 30] }]);
  });

  it('may change while the stream runs', () => {
    const options = { output, marginPx: 0 };
    const planner = new LayoutPlanner(options);
    const tileAt = (tS: number): Box | undefined =>
      planner.plan({
        ...{ ptsMs: tS * 1000, source, tracks: people(tS), slots: [1, 2], condition: 'live', slate: output },
      }).regions[0]?.dest;

    const before = tileAt(0);
    options.marginPx = 24;
    const after = tileAt(0.04);

    expect(before).toEqual({ x: 0, y: 0, width: 960, height: 1080 });
    expect(after).toEqual(left);
  });

  it.each([
    [0, { x: 0, y: 0, ...output }],
    [200, { x: 134, y: 134, width: 1652, height: 812 }],
  ])('is an eighth of the picture at most: %i', (marginPx, area) => {
    expect(tileArea(output, marginPx)).toEqual(area);
  });
});
