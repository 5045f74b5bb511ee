import { describe, expect, it } from 'vitest';
import { alignedSharpness } from '#src/stream/stages/reid/aligned-sharpness.js';

const size = { width: 150, height: 150 };

/** A wave of `periodPx` in both directions. */
const wave = (periodPx: number, { width, height } = size): Float32Array =>
  Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return 128 + 50 * Math.sin((2 * Math.PI * x) / periodPx) + 50 * Math.sin((2 * Math.PI * y) / periodPx);
  });

describe('alignedSharpness', () => {
  it('falls the coarser the detail is', () => {
    const values = [6, 12, 24, 48, 96].map((periodPx) => alignedSharpness(wave(periodPx), size));

    expect(values).toEqual([...values].sort((a, b) => b - a));
    // (2 − 2 cos(2π · 3 / 12))² for a wave of 12 pixels and a step of 3.
    expect(values[1]).toBeCloseTo(4, 1);
  });

  it('does not depend on light, contrast or how the model wants its numbers', () => {
    const plane = wave(20);

    expect(
      alignedSharpness(
        plane.map((value) => (value - 127.5) * 0.0078),
        size,
      ),
    ).toBeCloseTo(alignedSharpness(plane, size), 3);
  });

  it('does not depend on the size of the input', () => {
    const half = { width: 75, height: 75 };

    expect(alignedSharpness(wave(24, { width: 300, height: 300 }), { width: 300, height: 300 })).toBeCloseTo(
      alignedSharpness(wave(12), size),
      0,
    );
    expect(Number.isFinite(alignedSharpness(wave(12, half), half))).toBe(true);
  });

  it('is 0 where there is nothing to see', () => {
    expect(alignedSharpness(new Float32Array(150 * 150).fill(80), size)).toBe(0);
  });

  it('does not look at the border', () => {
    const plane = wave(40).map((value, i) => (i % 150 < 25 ? 255 * (i % 2) : value));

    expect(alignedSharpness(plane, size)).toBeCloseTo(alignedSharpness(wave(40), size), 9);
  });
});
