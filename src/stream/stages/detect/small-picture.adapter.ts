import type { NativeAddon } from '../../native/types.js';
import { sketchStep } from '../../domain/sketch-step.js';
import type { SmallPicture } from './changed-squares.js';
import type { DetectedPicture } from './detection-pace.js';

/** A living frame, small; `undefined` of one in the memory of a GPU: all of it would have to be brought down here. */
export function smallPictureOf(
  { handle, width, height }: DetectedPicture,
  addon: Pick<NativeAddon, 'lumaMeans' | 'frameInfo'>,
): SmallPicture | undefined {
  if (addon.frameInfo(handle).memory === 'cuda') return undefined;
  const step = sketchStep({ width, height });
  return { sketch: { luma: addon.lumaMeans(handle, step), columns: Math.ceil(width / step) }, step };
}
