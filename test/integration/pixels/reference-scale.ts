import type { Size } from '#src/shared/domain/box.js';

/**
 * The arithmetic that native/src/core/{axis,scale}.hpp define, written down once more, one sample at
 * a time.
 */

/** One plane without row padding. */
export interface Plane extends Size {
  readonly data: Uint8Array;
}

/** An I420 picture: Y, U, V; chroma rounded up to whole samples. */
export type Planes = readonly [y: Plane, u: Plane, v: Plane];

export interface Axis {
  readonly a: number;
  readonly b: number;
  readonly d: number;
  readonly c: number;
  readonly size: number;
}

type Taps = readonly (readonly [index: number, weight: number])[];
type Siting = 'luma' | 'chroma-x' | 'chroma-y' | 'full-chroma-x' | 'full-chroma-y';

export const Q16 = 65536;

export const fixed = (pixels: number): number => Math.round(pixels * Q16);
export const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
/** Exact for whole numbers below 2^53, which a plain division need not be. */
export const floorDivide = (dividend: number, divisor: number): number =>
  (dividend - (((dividend % divisor) + divisor) % divisor)) / divisor;

export function axisOf(siting: Siting, start: number, length: number, count: number, size: number): Axis {
  const a = 2 * count * start + length;
  switch (siting) {
    case 'luma':
      return { a, b: 2 * length, d: 2 * count, c: Q16 / 2, size };
    case 'chroma-x':
      return { a, b: 4 * length, d: 4 * count, c: Q16 / 4, size };
    case 'chroma-y':
      return { a: a + length, b: 4 * length, d: 4 * count, c: Q16 / 2, size };
    case 'full-chroma-x':
      return { a, b: 2 * length, d: 4 * count, c: Q16 / 4, size };
    case 'full-chroma-y':
      return { a, b: 2 * length, d: 4 * count, c: Q16 / 2, size };
  }
}

const needsArea = (axis: Axis): boolean => axis.b > 2 * Q16 * axis.d;

function linearTaps(axis: Axis, i: number, bits: number): Taps {
  const position = floorDivide(axis.a + axis.b * i, axis.d) - axis.c;
  const rounded = Math.floor((position + 2 ** (15 - bits)) / 2 ** (16 - bits));
  const left = Math.floor(rounded / 2 ** bits);
  const weight = rounded - left * 2 ** bits;
  return [
    [clamp(left, 0, axis.size - 1), 2 ** bits - weight],
    [clamp(left + 1, 0, axis.size - 1), weight],
  ];
}

function areaTaps(axis: Axis, i: number, bits: number): Taps {
  const startOf = (k: number): number =>
    floorDivide(2 * axis.a - axis.b + 2 * axis.b * k, 2 * axis.d) - axis.c + Q16 / 2;
  const start = startOf(i);
  const end = startOf(i + 1);
  const length = end - start;
  const reached = (x: number): number => Math.floor(((x - start) * 2 ** bits + Math.floor(length / 2)) / length);
  const taps: [number, number][] = [];
  for (let k = Math.floor(start / Q16); k * Q16 < end; k += 1) {
    const weight = reached(Math.min((k + 1) * Q16, end)) - reached(Math.max(k * Q16, start));
    taps.push([clamp(k, 0, axis.size - 1), weight]);
  }
  return taps;
}

const tapsOf = (axis: Axis, i: number, bits: number): Taps =>
  needsArea(axis) ? areaTaps(axis, i, bits) : linearTaps(axis, i, bits);

export function scaleSample(plane: Plane, x: Axis, y: Axis, i: number, j: number): number {
  const at = (column: number, row: number): number => (plane.data[row * plane.width + column] ?? NaN) - 128;
  if (needsArea(x) || needsArea(y)) {
    const columns = tapsOf(x, i, 14);
    const rows = tapsOf(y, j, 7);
    let sum = 0;
    for (const [column, weight] of columns) {
      let rowSum = 0;
      for (const [row, rowWeight] of rows) rowSum += at(column, row) * rowWeight;
      sum += rowSum * weight;
    }
    return ((sum + 2 ** 20) >> 21) + 128;
  }
  const columns = linearTaps(x, i, 7);
  const [upper, lower] = linearTaps(y, j, 15).map(([row]) =>
    columns.reduce((sum, [column, weight]) => sum + at(column, row) * weight, 0),
  ) as [number, number];
  const weight = linearTaps(y, j, 15)[1]?.[1] ?? NaN;
  const sample = upper + (((lower - upper) * weight + 2 ** 14) >> 15);
  return ((sample + 64) >> 7) + 128;
}
