import type { Size } from '#src/shared/domain/box.js';
import type { FrameFormat } from '#src/shared/domain/frame.js';

/** The brightness of a packed picture, 8 bits a sample; of ten bits the upper eight. */
export function lumaOf(picture: Uint8Array, { width, height }: Size, format: FrameFormat): Uint8Array {
  const samples = width * height;
  if (format !== 'P010_10LE') return picture.subarray(0, samples);
  // Little endian, with the value in the upper bits.
  return Uint8Array.from({ length: samples }, (_, i) => picture[2 * i + 1] ?? 0);
}

export interface Difference {
  readonly most: number;
  /** dB; 99 of equal ones. */
  readonly psnr: number;
}

export function difference(a: Uint8Array, b: Uint8Array): Difference {
  let most = a.length === b.length ? 0 : Infinity;
  let squares = 0;
  for (let i = 0; i < a.length; i += 1) {
    const off = Math.abs(a[i]! - (b[i] ?? 0));
    if (off > most) most = off;
    squares += off * off;
  }
  return { most, psnr: squares === 0 ? 99 : 10 * Math.log10((255 * 255 * a.length) / squares) };
}
