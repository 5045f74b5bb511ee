import type { VideoCodec } from './decoder-choice.js';
import type { SoundCodec } from './sound-codec.js';

/** Codecs of pictures that come in a container, by the name of their caps. */
const PICTURES: Readonly<Record<string, { readonly codec: VideoCodec; readonly parser: string }>> = {
  'video/x-h264': {
    codec: 'h264',
    parser: 'h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au',
  },
  'video/x-h265': {
    codec: 'h265',
    parser: 'h265parse config-interval=-1 ! video/x-h265,stream-format=byte-stream,alignment=au',
  },
  'image/jpeg': { codec: 'jpeg', parser: 'jpegparse' },
};

const AAC: SoundCodec = { name: 'AAC', launch: 'aacparse ! avdec_aac' };
const MPEG: SoundCodec = { name: 'MPEG audio', launch: 'mpegaudioparse ! mpg123audiodec' };

/** Codecs of sound, by the name of their caps; those of MPEG are parted by their version. */
const SOUNDS: Readonly<Record<string, SoundCodec>> = {
  'audio/x-ac3': { name: 'AC-3', launch: 'ac3parse ! avdec_ac3' },
  'audio/x-eac3': { name: 'E-AC-3', launch: 'ac3parse ! avdec_eac3' },
  'audio/x-opus': { name: 'Opus', launch: 'opusparse ! opusdec' },
};

/** What pictures and sound may be, for `NativeAddon.linkBranches`. */
export const ELEMENTARY_CAPS = {
  pictures: Object.keys(PICTURES).join(';'),
  sound: ['audio/mpeg', ...Object.keys(SOUNDS)].join(';'),
};

/** The codec of pictures with these caps, and what makes whole compressed pictures of them; `undefined`: unknown. */
export const elementaryPictures = (caps: string): { readonly codec: VideoCodec; readonly parser: string } | undefined =>
  PICTURES[nameOf(caps)];

/** How sound with these caps is decoded, or one sentence that says why it is not. */
export function elementarySound(caps: string): SoundCodec | string {
  const name = nameOf(caps);
  if (name === 'audio/mpeg') return /mpegversion=\(int\)1\b/.test(caps) ? MPEG : AAC;
  return SOUNDS[name] ?? `nothing here decodes ${name}; send AAC`;
}

/** A codec in words, for messages: `video/x-vp8` is `VP8`. */
export const elementaryName = (caps: string): string =>
  nameOf(caps)
    .replace(/^(?:video|audio|image)\/(?:x-)?/, '')
    .toUpperCase();

const nameOf = (caps: string): string => /^[\w/.+-]*/.exec(caps)?.[0] ?? '';
