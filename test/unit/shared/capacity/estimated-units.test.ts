import { describe, expect, it } from 'vitest';
import { estimatedUnits } from '#src/shared/capacity/estimated-units.js';

describe('what a stream is estimated to take', () => {
  it.each([
    ['1080p30, the unit', 1920, 1080, 30, 1],
    ['2160p30', 3840, 2160, 30, 2.5],
    ['720p30', 1280, 720, 30, 0.72],
    ['360p30; 0.53 by `diptych bench load` on two cores', 640, 360, 30, 0.56],
    ['1080p15', 1920, 1080, 15, 0.5],
    ['1080p60', 1920, 1080, 60, 2],
    ['the smallest there is', 320, 180, 5, 0.1],
  ])('is for %s', (_what, width, height, fps, units) => {
    expect(estimatedUnits({ output: { width, height, fps } })).toBeCloseTo(units, 2);
  });
});
