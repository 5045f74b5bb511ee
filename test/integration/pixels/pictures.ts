import type { Box, Size } from '#src/shared/domain/box.js';
import type { FrameFormat } from '#src/shared/domain/frame.js';
import { seededRandom } from '#src/shared/random.js';
import type { NativeAddon } from '#src/stream/native/types.js';
import { loadTestAddon } from '../native/test-addon.js';
import type { Plane, Planes } from './reference-scale.js';
import { packagePath } from '#src/shared/package-root.js';

/** For threads and processes that load it themselves. */
export const addonPath = packagePath('native/build/Release/diptych.node');

export const addon = loadTestAddon();

/** Noise, which shows every wrong tap. */
export function randomPicture({ width, height }: Size, seed: number): Planes {
  const next = seededRandom(seed);
  const plane = (size: Size): Plane => ({
    ...size,
    data: Uint8Array.from({ length: size.width * size.height }, () => Math.floor(next() * 256)),
  });
  const chroma = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  return [plane({ width, height }), plane(chroma), plane(chroma)];
}

/** One colour. */
export function plainPicture({ width, height }: Size, [y, u, v]: readonly [number, number, number]): Planes {
  const plane = (size: Size, value: number): Plane => ({
    ...size,
    data: new Uint8Array(size.width * size.height).fill(value),
  });
  const chroma = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  return [plane({ width, height }, y), plane(chroma, u), plane(chroma, v)];
}

/** In P010 the samples are the upper bytes of 16 bits; the two bits below are noise, which nobody may see. */
export function packed([y, u, v]: Planes, format: FrameFormat): Uint8Array {
  if (format === 'I420') return Uint8Array.from([...y.data, ...u.data, ...v.data]);
  const chroma = new Uint8Array(u.data.length * 2);
  for (const [i, value] of u.data.entries()) chroma[2 * i] = value;
  for (const [i, value] of v.data.entries()) chroma[2 * i + 1] = value;
  const samples = Uint8Array.from([...y.data, ...chroma]);
  if (format === 'NV12') return samples;
  const deep = new Uint8Array(samples.length * 2);
  for (const [i, value] of samples.entries()) deep.set([(i * 64) % 256, value], 2 * i);
  return deep;
}

/** Gives the frame to `use` and takes it back whatever happens. */
export async function withFrame<T>(
  picture: Planes,
  format: FrameFormat,
  use: (handle: number) => T | Promise<T>,
): Promise<T> {
  const handle = addon.createFrame(
    { width: picture[0].width, height: picture[0].height },
    format,
    packed(picture, format),
  );
  try {
    return await use(handle);
  } finally {
    addon.release(handle);
  }
}

/** The planes of packed samples. */
export function unpacked({ width, height }: Size, format: FrameFormat, data: Uint8Array): Planes {
  const chroma = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const luma = width * height;
  const samples = chroma.width * chroma.height;
  const part = (first: number, step: number): Uint8Array =>
    Uint8Array.from({ length: samples }, (_, k) => data[first + k * step] ?? NaN);
  const [u, v] = format === 'I420' ? [part(luma, 1), part(luma + samples, 1)] : [part(luma, 2), part(luma + 1, 2)];
  return [
    { width, height, data: data.slice(0, luma) },
    { ...chroma, data: u },
    { ...chroma, data: v },
  ];
}

export const whole = (size: Size): Box => ({ x: 0, y: 0, width: size.width, height: size.height });

/** Composes and gives the packed result. */
export async function composed(output: Size, regions: Parameters<NativeAddon['compose']>[1]): Promise<Uint8Array> {
  const handle = await addon.compose(output, regions);
  try {
    return addon.readFrame(handle);
  } finally {
    addon.release(handle);
  }
}

/** Where two pictures first differ, or undefined: quicker and clearer than a diff of a million samples. */
export function firstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): string | undefined {
  if (actual.length !== expected.length) return `length ${actual.length}, not ${expected.length}`;
  for (let i = 0; i < expected.length; i += 1) {
    if (actual[i] !== expected[i]) return `[${i}] is ${actual[i]}, not ${expected[i]}`;
  }
  return undefined;
}
