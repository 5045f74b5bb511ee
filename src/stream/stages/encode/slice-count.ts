import type { OutputConfig } from '../../../shared/config/schema.js';

/** Slices above this number cost quality and gain nothing at these sizes. */
const MAX_SLICES = 4;
/**
 * Up to so many luma samples a second, those of 1280×720 at 30, a picture is encoded in one piece: slices take a sixth
 * more processor time there, and one core is in time without them.
 */
const ONE_SLICE_RATE = 1280 * 720 * 30;
/**
 * Into how many slices x264 divides a picture, each encoded by a thread of its own: they are encoded sooner. One slice of
 * 1920×1080 instead of two would spare a stream on two cores 2 to 4 % of its processor time, and have the picture on
 * the screen 10 ms later (`bench latency`, four runs of each in turns: medians of 58 to 78 ms instead of 56 to 64).
 *
 * @param cores - of the machine, ≥ 1
 */
export function sliceCount(
  { width, height, fps }: Pick<OutputConfig, 'width' | 'height' | 'fps'>,
  cores: number,
): number {
  return width * height * fps <= ONE_SLICE_RATE ? 1 : Math.min(MAX_SLICES, cores);
}
