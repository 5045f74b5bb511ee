import type { Frame } from '../../../shared/domain/frame.js';
import type { NativeAddon } from '../../native/types.js';
import { sketchStep, type LumaSketch } from './cut-watch.js';

/**
 * A small picture of a living frame; `undefined` of one in the memory of a GPU: all of it would have to be brought
 * down for that.
 */
export function sketchPicture(
  { handle, width, height }: Pick<Frame, 'handle' | 'width' | 'height'>,
  addon: Pick<NativeAddon, 'lumaSketch' | 'frameInfo'>,
): LumaSketch | undefined {
  if (addon.frameInfo(handle).memory === 'cuda') return undefined;
  const step = sketchStep({ width, height });
  return { luma: addon.lumaSketch(handle, step), columns: Math.ceil(width / step) };
}
