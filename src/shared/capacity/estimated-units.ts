/** What of a stream says how much work it is. */
export interface StreamWork {
  /** Its output, as configured. */
  readonly output: { readonly width: number; readonly height: number; readonly fps: number };
}

/**
 * The stream that one unit stands for: 1920×1080 at 30 pictures a second in and out, everything else as it is by
 * default. What a machine can do is counted in such streams.
 */
export const REFERENCE = { width: 1920, height: 1080, fps: 30 } as const;

/** Share of the cost of a reference stream that does not grow with the picture: networks, sound, packets, decisions. */
const FIXED_SHARE = 0.5;
/** No stream counts less. */
const LEAST_UNITS = 0.1;

/**
 * What a stream takes of a machine before it was measured, in units of {@link REFERENCE}. Half of the processor time of
 * a frame at 1080p is decoding, composing and encoding, and grows with the picture; the other half does not
 * (docs/performance.md). All of it grows with the rate.
 */
export function estimatedUnits({ output: { width, height, fps } }: StreamWork): number {
  const pixels = (width * height) / (REFERENCE.width * REFERENCE.height);
  const units = (fps / REFERENCE.fps) * (FIXED_SHARE + (1 - FIXED_SHARE) * pixels);
  return Math.max(LEAST_UNITS, roundedUnits(units));
}

/** Units with as many places as anybody needs. */
export const roundedUnits = (units: number): number => Math.round(units * 100) / 100;
