import { describe, expect, it } from 'vitest';
import type { Region } from '#src/stream/domain/composition-plan.js';
import { overlayBoxes } from '#src/stream/domain/overlay-boxes.js';
import type { Track } from '#src/shared/domain/track.js';

const track = (id: number, x: number, y: number): Track => ({
  id,
  state: 'tracked',
  box: { x, y, width: 100, height: 100 },
  score: 0.9,
  kind: 'face',
  bornPtsMs: 0,
  seenPtsMs: 0,
});

const region = (overrides: Partial<Region> = {}): Region => ({
  content: 'source',
  crop: { x: 200, y: 100, width: 480, height: 540 },
  dest: { x: 960, y: 0, width: 960, height: 1080 },
  alpha: 1,
  ...overrides,
});

const plan = (...regions: readonly Region[]) => ({ ptsMs: 0, layout: 'dual' as const, regions, marks: [] });

describe('overlayBoxes', () => {
  it('carries a box through the crop and the scale of its tile', () => {
    const boxes = overlayBoxes(plan(region()), [track(7, 300, 200)], [undefined, 7], new Map([[7, 'Anna']]));

    expect(boxes).toEqual([
      { trackId: 7, name: 'Anna', slot: 1, box: { x: 1160, y: 200, width: 200, height: 200 }, score: 0.9 },
    ]);
  });

  it('cuts a box at the edge of its tile', () => {
    const [box] = overlayBoxes(plan(region()), [track(7, 170, 60)], [], new Map([[8, 'Ben']]));

    expect(box?.box).toEqual({ x: 960, y: 0, width: 140, height: 120 });
    expect(box).not.toHaveProperty('slot');
    expect(box).not.toHaveProperty('name');
  });

  it.each([
    { name: 'the middle lies outside the crop', regions: [region()], at: [700, 200] as const },
    { name: 'the region is fading out', regions: [region({ alpha: 0.2 })], at: [300, 200] as const },
    { name: 'the region shows the slate', regions: [region({ content: 'slate' })], at: [300, 200] as const },
    {
      name: 'a later region covers it',
      regions: [region(), region({ crop: { x: 1200, y: 0, width: 480, height: 540 } })],
      at: [300, 200] as const,
    },
    {
      name: 'its region lies outside the output of that tile',
      regions: [region({ crop: { x: 349, y: 249, width: 2, height: 2 }, dest: { x: 0, y: 0, width: 0, height: 0 } })],
      at: [300, 200] as const,
    },
  ])('shows nothing where $name', ({ regions, at: [x, y] }) => {
    expect(overlayBoxes(plan(...regions), [track(7, x, y)], [7], new Map())).toEqual([]);
  });
});
