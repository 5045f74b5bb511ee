import { describe, expect, it } from 'vitest';
import { headOf } from '#src/stream/domain/head.js';

describe('head', () => {
  it('reaches from above the box of a face to its chin', () => {
    const head = headOf({ box: { x: 100, y: 200, width: 90, height: 120 }, kind: 'face' });

    expect(head.x).toBe(145);
    expect(head.height).toBe(150);
    // Crown at 170, chin at 320; the eyes of a face lie at about 40 % of a detector's box.
    expect(head.eyesY).toBe(245);
  });

  it('is that of a person where the detector found it', () => {
    const head = headOf({
      box: { x: 0, y: 0, width: 200, height: 600 },
      kind: 'person',
      head: { x: 100, y: 200, width: 90, height: 120 },
    });

    expect(head).toEqual({ x: 145, eyesY: 245, height: 150 });
  });

  it.each([
    { name: 'standing', box: { width: 210, height: 600 }, share: 0.147 },
    { name: 'standing, narrow', box: { width: 100, height: 800 }, share: 1 / 8 },
    { name: 'from the hips up', box: { width: 300, height: 400 }, share: 0.315 },
    { name: 'from the chest up', box: { width: 500, height: 300 }, share: 0.4 },
    { name: 'arms spread', box: { width: 600, height: 600 }, share: 0.4 },
  ])('is a plausible part of a person $name', ({ box, share }) => {
    const head = headOf({ box: { x: 10, y: 50, ...box }, kind: 'person' });

    expect(head.height / box.height).toBeCloseTo(share, 3);
    expect(head.x).toBe(10 + box.width / 2);
    expect(head.eyesY).toBeCloseTo(50 + head.height / 2);
  });
});
