import { describe, expect, it } from 'vitest';
import type { Box } from '#src/shared/domain/box.js';
import { estimateCameraMotion } from '#src/stream/stages/track/camera-motion.js';

const at = (x: number, y = 100, height = 125): Box => ({ x, y, width: 0.8 * height, height });

describe('estimateCameraMotion', () => {
  it.each([
    { name: 'two people, sideways', expected: [at(0), at(300)], detected: [at(200), at(500)], x: 200, y: 0 },
    { name: 'exactly to the next position', expected: [at(0), at(300)], detected: [at(300), at(600)], x: 300, y: 0 },
    { name: 'up and left', expected: [at(500), at(900)], detected: [at(380, 20), at(780, 20)], x: -120, y: -80 },
    {
      name: 'with a false detection',
      expected: [at(0), at(300)],
      detected: [at(900, 500), at(200), at(500)],
      x: 200,
      y: 0,
    },
    {
      name: 'three people, one of them not detected',
      expected: [at(0), at(300), at(600)],
      detected: [at(150), at(750)],
      x: 150,
      y: 0,
    },
  ])('finds the movement of the camera: $name', ({ expected, detected, x, y }) => {
    const shift = estimateCameraMotion(expected, detected);

    expect(shift?.x).toBeCloseTo(x, 6);
    expect(shift?.y).toBeCloseTo(y, 6);
  });

  it('averages the displacements of the people', () => {
    const shift = estimateCameraMotion([at(0), at(300)], [at(198), at(502)]);

    expect(shift?.x).toBeCloseTo(200, 6);
  });

  it.each([
    { name: 'all stand still', expected: [at(0), at(300)], detected: [at(3), at(298)] },
    { name: 'they move apart', expected: [at(0), at(300)], detected: [at(-120), at(420)] },
    { name: 'one moves, one stands', expected: [at(0), at(300)], detected: [at(150), at(300)] },
    { name: 'only one person is there', expected: [at(0)], detected: [at(200)] },
    { name: 'no detection', expected: [at(0), at(300)], detected: [] },
    { name: 'others of another size', expected: [at(0), at(300)], detected: [at(180, 100, 250), at(480, 100, 250)] },
  ])('finds no movement: $name', ({ expected, detected }) => {
    expect(estimateCameraMotion(expected, detected)).toBeUndefined();
  });
});
