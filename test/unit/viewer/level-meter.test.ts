import { expect, it } from 'vitest';
import { loudness } from '#src/viewer/level-meter.js';

it.each([
  ['silence', 0, 0],
  ['-80 dB', 1e-4, 0],
  ['-30 dB', 10 ** (-30 / 20), 0.5],
  ['full scale', 1, 1],
])('%s', (_, amplitude, expected) => {
  expect(loudness(new Float32Array(64).fill(amplitude))).toBeCloseTo(expected, 5);
});
