import { describe, expect, it } from 'vitest';
import {
  FLOAT16_MAX,
  FLOAT16_MIN_NORMAL,
  fromFloat16Bits,
  toFloat16Bits,
} from '#src/stream/models/conversion/float16.js';

describe('toFloat16Bits', () => {
  // Known patterns of IEEE 754 binary16.
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [1 / 3, 0x3555],
    [FLOAT16_MAX, 0x7bff],
    [FLOAT16_MIN_NORMAL, 0x0400],
    [2 ** -24, 0x0001],
    [Infinity, 0x7c00],
    [-Infinity, 0xfc00],
  ])('writes %d', (value, bits) => {
    expect(toFloat16Bits(value)).toBe(bits);
  });

  it.each([
    ['halfway down to an even last bit', 1 + 2 ** -11, 1],
    ['halfway up to an even last bit', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['just over halfway up', 1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    ['up over a power of two', 2 - 2 ** -12, 2],
    ['up to the smallest with all digits', FLOAT16_MIN_NORMAL - 2 ** -26, FLOAT16_MIN_NORMAL],
    ['half of the smallest down to nothing', 2 ** -25, 0],
    ['a little more than that up', 1.5 * 2 ** -25, 2 ** -24],
  ])('rounds %s', (_, value, rounded) => {
    expect(fromFloat16Bits(toFloat16Bits(value))).toBe(rounded);
    expect(fromFloat16Bits(toFloat16Bits(-value))).toBe(-rounded);
  });

  it.each([65_505, 65_520, 1e9, 3.4e38])('cuts %d to the largest there is', (value) => {
    expect(fromFloat16Bits(toFloat16Bits(value))).toBe(FLOAT16_MAX);
    expect(fromFloat16Bits(toFloat16Bits(-value))).toBe(-FLOAT16_MAX);
  });

  it('keeps what is no number', () => {
    expect(fromFloat16Bits(toFloat16Bits(Number.NaN))).toBeNaN();
  });
});

it('gives every 16-bit float back', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromFloat16Bits(bits);
    if (!Number.isNaN(value)) expect(toFloat16Bits(value)).toBe(bits);
  }
});
