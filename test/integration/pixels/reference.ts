import type { Box, Size } from '#src/shared/domain/box.js';
import { axisOf, clamp, fixed, scaleSample, type Plane, type Planes } from './reference-scale.js';

/**
 * The arithmetic that native/src/core/{compose,tensor}.hpp define, written down once more, one
 * sample at a time.
 */

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

export interface Coefficients {
  readonly black: number;
  readonly luma: number;
  readonly redV: number;
  readonly greenU: number;
  readonly greenV: number;
  readonly blueU: number;
}

export function coefficients({ red, blue, fullRange }: ReferenceColours): Coefficients {
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
