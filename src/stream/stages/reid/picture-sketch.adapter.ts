import type { Frame } from '../../../shared/domain/frame.js';
import type { NativeAddon } from '../../native/types.js';
import type { LumaSketch } from '../../../shared/domain/detection.js';
import { sketchStep } from '../../domain/sketch-step.js';

/**
 * A small picture of a living frame; `undefined` of one in the memory of a GPU, of which the detector makes it: all of
 * it would have to be brought down here.
 */
export function sketchPicture(
  { handle, width, height }: Pick<Frame, 'handle' | 'width' | 'height'>,
  addon: Pick<NativeAddon, 'lumaSketch' | 'frameInfo'>,
): LumaSketch | undefined {
  if (addon.frameInfo(handle).memory === 'cuda') return undefined;
  const step = sketchStep({ width, height });
  return { luma: addon.lumaSketch(handle, step), columns: Math.ceil(width / step) };
}
