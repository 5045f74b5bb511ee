import type { LetterboxMapping, LetterboxOptions } from '#src/stream/native/types.js';
import {
  axisOf,
  clamp,
  fixed,
  floorDivide,
  Q16,
  scaleSample,
  type Axis,
  type Plane,
  type Planes,
} from './reference-scale.js';
import { coefficients, type ReferenceColours } from './reference.js';

/** The arithmetic that native/src/core/tensor.hpp defines, written down once more, one sample at a time. */

/** R′G′B′, 0 … 255. */
function toColours(y: number, u: number, v: number, colours: ReferenceColours): number[] {
  const from = coefficients(colours);
  const fixed13 = (value: number): number => Math.round(value * 8192);
  const light = fixed13(from.luma) * (y - from.black) + 4096;
  return [
    light + fixed13(from.redV) * (v - 128),
    light + fixed13(from.greenU) * (u - 128) + fixed13(from.greenV) * (v - 128),
    light + fixed13(from.blueU) * (u - 128),
  ].map((colour) => clamp(colour >> 13, 0, 255));
}

function store(
  tensor: Float32Array,
  options: Omit<LetterboxOptions, 'crop'>,
  x: number,
  y: number,
  rgb: number[],
): void {
  const { width, height, order, channels, mean, scale } = options;
  const colours = channels === 'RGB' ? rgb : [...rgb].reverse();
  for (const [c, colour] of colours.entries()) {
    const at = order === 'nchw' ? c * width * height + y * width + x : (y * width + x) * 3 + c;
    tensor[at] = Math.fround(Math.fround(colour - Math.fround(mean)) * Math.fround(scale));
  }
}

export function referenceLetterbox(
  picture: Planes,
  options: LetterboxOptions,
  colours: ReferenceColours,
): { readonly tensor: Float32Array; readonly mapping: LetterboxMapping } {
  const crop = options.crop ?? { x: 0, y: 0, width: picture[0].width, height: picture[0].height };
  const cropWidth = fixed(crop.width);
  const cropHeight = fixed(crop.height);
  const byWidth = options.width * cropHeight <= options.height * cropWidth;
  const length = byWidth ? cropWidth : cropHeight;
  const count = byWidth ? options.width : options.height;
  const scaled = (size: number, most: number): number =>
    clamp(Math.floor((2 * size * count + length) / (2 * length)), 1, most);
  const width = scaled(cropWidth, options.width);
  const height = scaled(cropHeight, options.height);
  const offset = { x: Math.floor((options.width - width) / 2), y: Math.floor((options.height - height) / 2) };
  const axes = picture.map((plane, p) => ({
    plane,
    x: axisOf(p === 0 ? 'luma' : 'full-chroma-x', fixed(crop.x), length, count, plane.width),
    y: axisOf(p === 0 ? 'luma' : 'full-chroma-y', fixed(crop.y), length, count, plane.height),
  }));
  const isInside = (axis: Axis, i: number): boolean => {
    const centre = floorDivide(axis.a + axis.b * i, axis.d);
    return centre >= 0 && centre < axis.size * Q16;
  };
  const luma = axes[0];
  if (luma === undefined) throw new Error('a picture has a luma plane');
  const tensor = new Float32Array(3 * options.width * options.height);
  for (let row = 0; row < options.height; row += 1) {
    for (let column = 0; column < options.width; column += 1) {
      const i = column - offset.x;
      const j = row - offset.y;
      const isPicture = i >= 0 && i < width && j >= 0 && j < height && isInside(luma.x, i) && isInside(luma.y, j);
      const [y = NaN, u = NaN, v = NaN] = isPicture
        ? axes.map((axis) => scaleSample(axis.plane, axis.x, axis.y, i, j))
        : [];
      store(
        tensor,
        options,
        column,
        row,
        isPicture ? toColours(y, u, v, colours) : [options.pad, options.pad, options.pad],
      );
    }
  }
  return { tensor, mapping: { ratio: (count * Q16) / length, offset } };
}

export function referenceWarp(
  picture: Planes,
  matrix: readonly number[],
  options: Omit<LetterboxOptions, 'crop'>,
  colours: ReferenceColours,
): Float32Array {
  const m = matrix.map((entry) => BigInt(Math.round(entry * 2 ** 32)));
  const tensor = new Float32Array(3 * options.width * options.height);
  const index = (position: bigint): readonly [whole: number, weight: number] => {
    const rounded = (position + (1n << 23n)) >> 24n;
    return [Number(rounded >> 8n), Number(rounded & 255n)];
  };
  const sample = (plane: Plane, x: bigint, y: bigint): number => {
    const [column, columnWeight] = index(x);
    const [row, rowWeight] = index(y);
    const at = (c: number, r: number): number =>
      plane.data[clamp(r, 0, plane.height - 1) * plane.width + clamp(c, 0, plane.width - 1)] ?? NaN;
    const mixed = (r: number): number => at(column, r) * (256 - columnWeight) + at(column + 1, r) * columnWeight;
    return (mixed(row) * (256 - rowWeight) + mixed(row + 1) * rowWeight + 2 ** 15) >> 16;
  };
  const point = (first: number, x: number, y: number): bigint =>
    (((m[first] ?? 0n) * BigInt(2 * x + 1) + (m[first + 1] ?? 0n) * BigInt(2 * y + 1)) >> 1n) + (m[first + 2] ?? 0n);
  for (let y = 0; y < options.height; y += 1) {
    for (let x = 0; x < options.width; x += 1) {
      const sourceX = point(0, x, y);
      const sourceY = point(3, x, y);
      const luma = sample(picture[0], sourceX - (1n << 31n), sourceY - (1n << 31n));
      const [u, v] = [picture[1], picture[2]].map((plane) =>
        sample(plane, (sourceX >> 1n) - (1n << 30n), (sourceY >> 1n) - (1n << 31n)),
      ) as [number, number];
      store(tensor, options, x, y, toColours(luma, u, v, colours));
    }
  }
  return tensor;
}
