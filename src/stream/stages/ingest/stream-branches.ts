import type { BusMessage } from '../../native/types.js';
import type { DecoderChoices, VideoCodec } from './decoder-choice.js';
import { soundCodecOf } from './sound-codec.js';

interface PictureCodec {
  readonly name: string;
  readonly encoding: string;
  /** Alternatives; a pad fits where its caps say all that one of them says. */
  readonly caps: string;
  /** The elements of pipelines/ingest-pictures.launch from RTP to whole compressed pictures. */
  readonly depayloader: string;
}

const codecOf = (name: string, encoding: string, depayloader: string, ...fields: readonly string[]): PictureCodec => ({
  ...{ name, encoding, depayloader },
  caps: [`encoding-name=${encoding}`, ...fields].map((field) => `application/x-rtp,media=video,${field}`).join(';'),
});

/** With parameter sets in front of every keyframe, so that decoding can begin with any: those before may be skipped. */
const wholePictures = (codec: 'h264' | 'h265'): string =>
  `rtp${codec}depay ! ${codec}parse config-interval=-1 ! video/x-${codec},stream-format=byte-stream,alignment=au`;

const CODECS: Readonly<Record<VideoCodec, PictureCodec>> = {
  h264: codecOf('H.264', 'H264', wholePictures('h264')),
  h265: codecOf('H.265', 'H265', wholePictures('h265')),
  // 26: the static payload type, which needs no name.
  jpeg: codecOf('Motion JPEG', 'JPEG', 'rtpjpegdepay', 'payload=26'),
  vp8: codecOf('VP8', 'VP8', 'rtpvp8depay'),
  vp9: codecOf('VP9', 'VP9', 'rtpvp9depay ! vp9parse'),
};

/** What cameras send; the others are published only. */
const OF_CAMERAS = ['h264', 'h265', 'jpeg'] as const;

/** Pictures that can be published, in the order of preference. */
const PUBLISHED = ['h264', 'vp8', 'vp9'] as const;

/** The codec of pictures that are published. */
export type PublishedCodec = (typeof PUBLISHED)[number];

/** The codec of pictures that are published with this encoding name; `undefined` where none of them has it. */
export const publishedCodecOf = (encoding: string): PublishedCodec | undefined =>
  PUBLISHED.find((codec) => CODECS[codec].encoding === encoding);

/** Encoding names of pictures that can be published here: those for which there is a decoder. */
export const publishableVideo = (choices: DecoderChoices): readonly string[] =>
  PUBLISHED.filter((codec) => choices[codec].isAvailable).map((codec) => CODECS[codec].encoding);

/** Where the pictures go, in pipelines/ingest-rtsp.launch. */
export const PICTURE_SINK = 'picture-rtp';
/** Where the sound goes, whatever its codec is. */
export const SOUND_SINK = 'sound-rtp';

/** What each sink takes of a camera whose pictures have this codec, for `NativeAddon.linkBranches`. */
export const branchCaps = (codec: VideoCodec): Readonly<Record<string, string>> => ({
  [PICTURE_SINK]: CODECS[codec].caps,
  [SOUND_SINK]: 'application/x-rtp,media=audio',
});

/** The text of a graph from RTP to whole compressed pictures. */
export const depayLaunch = (codec: VideoCodec): string => CODECS[codec].depayloader;

/** The codec of pictures with this encoding name of an SDP; `undefined` where nothing here takes them. */
export function videoCodecOf(encoding: string): VideoCodec | undefined {
  return OF_CAMERAS.find((codec) => CODECS[codec].encoding === encoding);
}

/** Why a format that a camera offers cannot be played here; `undefined` where a branch takes it. */
export function lackOfBranch(
  { kind, encoding }: { readonly kind: string; readonly encoding: string },
  choices: DecoderChoices,
): string | undefined {
  if (kind === 'audio' && soundCodecOf(encoding) !== undefined) return undefined;
  const codec = kind === 'video' ? videoCodecOf(encoding) : undefined;
  if (!codec) return `${encoding} cannot be decoded here`;
  const decoder = choices[codec];
  if (decoder.isAvailable) return undefined;
  return `there is no decoder for ${CODECS[codec].name}; ${decoder.rejected.at(-1)?.reason ?? ''}`;
}

/** What an RTSP source sends, by the sinks that its streams were linked to. */
export class StreamBranches {
  readonly #codec: VideoCodec;
  #hasPictures = false;
  #hasSound = false;
  #isComplete = false;

  /** Of a camera whose pictures have this codec. */
  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  /** This sink is in use. */
  linked(element: string): void {
    if (element === SOUND_SINK) this.#hasSound = true;
    else this.#hasPictures = true;
  }

  /** Nothing more will be linked. */
  complete(): void {
    this.#isComplete = true;
  }

  /** Codec of the pictures, `none` where there are none, `undefined` while unknown. */
  get video(): string | undefined {
    return this.#hasPictures ? CODECS[this.#codec].name : this.#isComplete ? 'none' : undefined;
  }

  /** The codec of the pictures; `undefined` where none are linked yet. */
  get videoCodec(): VideoCodec | undefined {
    return this.#hasPictures ? this.#codec : undefined;
  }

  /** Whether there is sound; `undefined` while unknown. */
  get hasSound(): boolean | undefined {
    return this.#hasSound || (this.#isComplete ? false : undefined);
  }
}

const UNUSED = /^failed delayed linking .* named (\S+?)\.?$/m;

/**
 * The first element of a branch of a launch string that no stream fits: GStreamer warns about it
 * when all streams are known, and it is not an error. `undefined` for other messages.
 */
export function unusedBranchOf(message: BusMessage): string | undefined {
  return message.type === 'warning' ? UNUSED.exec(message.debug)?.[1] : undefined;
}
