import type { Box, Size } from '#src/shared/domain/box.js';
import type { LetterboxMapping, LetterboxOptions } from '#src/stream/native/types.js';

/**
 * The arithmetic that native/src/core/{axis,scale,compose,tensor}.hpp define, written
 * down once more, one sample at a time.
 */

/** One plane without row padding. */
export interface Plane extends Size {
  readonly data: Uint8Array;
}

/** An I420 picture: Y, U, V; chroma rounded up to whole samples. */
export type Planes = readonly [y: Plane, u: Plane, v: Plane];

export interface ReferenceRegion {
  readonly picture: Planes;
  readonly crop: Box;
  readonly dest: Box;
  readonly alpha: number;
  /** Of the source; BT.709, limited range, when absent. */
  readonly colours?: ReferenceColours;
}

export interface ReferenceColours {
  readonly red: number;
  readonly blue: number;
  readonly fullRange: boolean;
}

/** Kr and Kb of ITU-R BT.709 and BT.601, limited range. */
export const BT709: ReferenceColours = { red: 0.2126, blue: 0.0722, fullRange: false };
export const BT601: ReferenceColours = { red: 0.299, blue: 0.114, fullRange: false };

interface Axis {
  readonly a: number;
  readonly b: number;
  readonly d: number;
  readonly c: number;
  readonly size: number;
}

type Taps = readonly (readonly [index: number, weight: number])[];
type Siting = 'luma' | 'chroma-x' | 'chroma-y' | 'full-chroma-x' | 'full-chroma-y';

const Q16 = 65536;

const fixed = (pixels: number): number => Math.round(pixels * Q16);
const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
/** Exact for whole numbers below 2^53, which a plain division need not be. */
const floorDivide = (dividend: number, divisor: number): number =>
  (dividend - (((dividend % divisor) + divisor) % divisor)) / divisor;

function axisOf(siting: Siting, start: number, length: number, count: number, size: number): Axis {
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

function scaleSample(plane: Plane, x: Axis, y: Axis, i: number, j: number): number {
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

/** The region alone, as large as `dest`. */
function scaledRegion({ picture, crop, dest }: ReferenceRegion): Planes {
  return picture.map((plane, p) => {
    const divisor = p === 0 ? 1 : 2;
    const width = dest.width / divisor;
    const height = dest.height / divisor;
    const x = axisOf(p === 0 ? 'luma' : 'chroma-x', fixed(crop.x), fixed(crop.width), dest.width, plane.width);
    const y = axisOf(p === 0 ? 'luma' : 'chroma-y', fixed(crop.y), fixed(crop.height), dest.height, plane.height);
    const data = Uint8Array.from({ length: width * height }, (_, k) =>
      scaleSample(plane, x, y, k % width, Math.floor(k / width)),
    );
    return { width, height, data };
  }) as unknown as Planes;
}

/** To BT.709, limited range. */
function recoloured([y, u, v]: Planes, colours: ReferenceColours): Planes {
  const from = coefficients(colours);
  const { red, blue } = BT709;
  const green = 1 - red - blue;
  const lightU = green * from.greenU + blue * from.blueU;
  const lightV = red * from.redV + green * from.greenV;
  const fixed14 = (value: number): number => Math.round(value * 16384);
  const byte = (sum: number): number => clamp((sum + 8192) >> 14, -128, 127) + 128;
  const uGain = 224 / 255 / (2 * (1 - blue));
  const vGain = 224 / 255 / (2 * (1 - red));
  const mixed = (toU: number, toV: number): Uint8Array =>
    u.data.map((value, k) => byte(fixed14(toU) * (value - 128) + fixed14(toV) * ((v.data[k] ?? NaN) - 128)));
  const luma = y.data.map((value, k) => {
    const chroma = Math.floor(Math.floor(k / y.width) / 2) * u.width + Math.floor((k % y.width) / 2);
    const sum =
      fixed14(from.luma * (219 / 255)) * (value - from.black) +
      fixed14(lightU * (219 / 255)) * ((u.data[chroma] ?? NaN) - 128) +
      fixed14(lightV * (219 / 255)) * ((v.data[chroma] ?? NaN) - 128);
    return clamp(16 + ((sum + 8192) >> 14), 0, 255);
  });
  return [
    { ...y, data: luma },
    { ...u, data: mixed((from.blueU - lightU) * uGain, -lightV * uGain) },
    { ...v, data: mixed(-lightU * vGain, (from.redV - lightV) * vGain) },
  ];
}

/** Regions over black into packed I420. */
export function referenceCompose(output: Size, regions: readonly ReferenceRegion[]): Uint8Array {
  const layers = regions.map((region) => {
    const scaled = scaledRegion(region);
    return region.colours === undefined ? scaled : recoloured(scaled, region.colours);
  });
  const planes = [0, 1, 2].map((p) => {
    const divisor = p === 0 ? 1 : 2;
    const width = output.width / divisor;
    const height = output.height / divisor;
    const data = new Uint8Array(width * height).fill(p === 0 ? 16 : 128);
    for (const [index, { dest, alpha }] of regions.entries()) {
      const layer = layers[index]?.[p];
      if (layer === undefined) throw new Error('a layer has three planes');
      const take = Math.round(alpha * 256);
      for (const [k, above] of layer.data.entries()) {
        const column = dest.x / divisor + (k % layer.width);
        const row = dest.y / divisor + Math.floor(k / layer.width);
        if (column < 0 || column >= width || row < 0 || row >= height) continue;
        const at = row * width + column;
        data[at] = ((data[at] ?? NaN) * (256 - take) + above * take + 128) >> 8;
      }
    }
    return data;
  });
  return Uint8Array.from(planes.flatMap((plane) => [...plane]));
}

interface Coefficients {
  readonly black: number;
  readonly luma: number;
  readonly redV: number;
  readonly greenU: number;
  readonly greenV: number;
  readonly blueU: number;
}

function coefficients({ red, blue, fullRange }: ReferenceColours): Coefficients {
  const green = 1 - red - blue;
  const gain = fullRange ? 1 : 255 / 224;
  const redV = 2 * (1 - red) * gain;
  const blueU = 2 * (1 - blue) * gain;
  return {
    black: fullRange ? 0 : 16,
    luma: fullRange ? 1 : 255 / 219,
    redV,
    greenU: (-blueU * blue) / green,
    greenV: (-redV * red) / green,
    blueU,
  };
}

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

export function referenceSharpness(plane: Plane, left: number, top: number, right: number, bottom: number): number {
  const at = (x: number, y: number): number => plane.data[y * plane.width + x] ?? NaN;
  const values: number[] = [];
  for (let y = top + 1; y < bottom - 1; y += 1) {
    for (let x = left + 1; x < right - 1; x += 1) {
      values.push(4 * at(x, y) - at(x - 1, y) - at(x + 1, y) - at(x, y - 1) - at(x, y + 1));
    }
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
