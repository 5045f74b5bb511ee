import type { OutputConfig } from '../../../shared/config/schema.js';

/** Slices above this number cost quality and gain nothing at these sizes. */
const MAX_SLICES = 4;
/**
 * Up to so many luma samples a second, those of 1280×720 at 30, a picture is encoded in one piece: slices take a sixth
 * more processor time there, and one core is in time without them.
 */
const ONE_SLICE_RATE = 1280 * 720 * 30;
/** So few cores are busy with the rest of a stream: two slices are rarely encoded at once. */
const FEW_CORES = 2;
/** Presets with which encoding takes less than all the rest: where one core is too slow for it, two are for all. */
const QUICK_PRESETS: ReadonlySet<OutputConfig['preset']> = new Set(['ultrafast', 'superfast']);

/**
 * Into how many slices x264 divides a picture, each encoded by a thread of its own. More are encoded sooner where cores
 * have nothing else to do, and take more processor time: two slices of 1920×1080 2 to 14 % more than one, on two cores
 * with all the rest of a stream.
 *
 * @param cores - of the machine, ≥ 1
 */
export function sliceCount(
  { width, height, fps, preset }: Pick<OutputConfig, 'width' | 'height' | 'fps' | 'preset'>,
  cores: number,
): number {
  if (width * height * fps <= ONE_SLICE_RATE) return 1;
  if (cores <= FEW_CORES && QUICK_PRESETS.has(preset)) return 1;
  return Math.min(MAX_SLICES, cores);
}
