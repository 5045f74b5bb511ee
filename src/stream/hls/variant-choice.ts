import type { Size } from '../../shared/domain/box.js';
import type { HlsVariant } from './hls-playlist.js';

const PICTURES = /^(?:avc|hvc|hev|vp|vp0|av01|dvh|mp4v)/i;
const PLAYED = /^(?:avc|hvc|hev)/i;

/**
 * The variant that fits the output: the smallest that has as many lines, or else the largest. Those whose pictures
 * nothing here decodes, and those without pictures, come last.
 */
export function chooseVariant(variants: readonly HlsVariant[], output: Size): HlsVariant | undefined {
  return [...variants].sort((a, b) => rank(a, output) - rank(b, output) || byBandwidth(a, b, output))[0];
}

function rank({ codecs, size }: HlsVariant, output: Size): number {
  const named = codecs?.split(',').map((codec) => codec.trim()) ?? [];
  const hasPictures = codecs === undefined || size !== undefined || named.some((codec) => PICTURES.test(codec));
  if (!hasPictures) return 4;
  if (named.some((codec) => PICTURES.test(codec) && !PLAYED.test(codec))) return 3;
  if (size === undefined) return 1;
  return size.height >= output.height ? 0 : 2 - Math.min(0.9, size.height / output.height) + 0.95;
}

/** Of equal rank: as small as is enough, and then the one with more bits. */
function byBandwidth(a: HlsVariant, b: HlsVariant, output: Size): number {
  const isEnough = (a.size?.height ?? 0) >= output.height;
  const byHeight = isEnough ? (a.size?.height ?? 0) - (b.size?.height ?? 0) : 0;
  return byHeight || b.bandwidth - a.bandwidth;
}
