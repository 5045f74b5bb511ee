import type { BusMessage } from '../../native/types.js';
import type { DecoderChoices, VideoCodec } from './decoder-choice.js';

interface Branch {
  readonly name: string;
  readonly media: 'video' | 'audio';
  readonly encoding: string;
  readonly caps: string;
  readonly video?: VideoCodec;
}

const video = (name: string, encoding: string, codec: VideoCodec): Branch => ({
  name,
  media: 'video',
  encoding,
  caps: `application/x-rtp,media=video,encoding-name=${encoding}`,
  video: codec,
});
const audio = (name: string, encoding: string): Branch => ({
  name,
  media: 'audio',
  encoding,
  caps: `application/x-rtp,media=audio,encoding-name=${encoding}`,
});

/** The branches of pipelines/ingest-rtsp.launch by the name of their first element. */
const BRANCHES: Readonly<Record<string, Branch>> = {
  'video-h264': video('H.264', 'H264', 'h264'),
  'video-h265': video('H.265', 'H265', 'h265'),
  'video-jpeg': video('Motion JPEG', 'JPEG', 'jpeg'),
  'audio-aac': audio('AAC', 'MPEG4-GENERIC'),
  'audio-latm': audio('AAC (LATM)', 'MP4A-LATM'),
  'audio-pcmu': audio('G.711 µ-law', 'PCMU'),
  'audio-pcma': audio('G.711 A-law', 'PCMA'),
  'audio-opus': audio('Opus', 'OPUS'),
  'audio-l16': audio('PCM 16 bit', 'L16'),
  'audio-l24': audio('PCM 24 bit', 'L24'),
};

/** What each branch takes, for `NativeAddon.linkBranches`. */
export const BRANCH_CAPS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(BRANCHES).map(([element, { caps }]) => [element, caps]),
);

/** Why a format that a camera offers cannot be played here; `undefined` where a branch takes it. */
export function lackOfBranch(
  { kind, encoding }: { readonly kind: string; readonly encoding: string },
  choices: DecoderChoices,
): string | undefined {
  const branch = Object.values(BRANCHES).find((known) => known.media === kind && known.encoding === encoding);
  if (!branch) return `${encoding} cannot be decoded here`;
  const decoder = branch.video && choices[branch.video];
  if (!decoder || decoder.isAvailable) return undefined;
  return `there is no decoder for ${branch.name}; ${decoder.rejected.at(-1)?.reason ?? ''}`;
}

/** What an RTSP source sends, by the branches its streams were linked to. */
export class StreamBranches {
  #video: Branch | undefined;
  #audio: Branch | undefined;
  #isComplete = false;

  /** The branch that begins with this element is in use. Of several kinds of pictures the first counts. */
  linked(element: string): void {
    const branch = BRANCHES[element];
    if (branch?.video !== undefined) this.#video ??= branch;
    else this.#audio ??= branch;
  }

  /** Nothing more will be linked. */
  complete(): void {
    this.#isComplete = true;
  }

  /** Codec of the pictures, `none` where no branch takes them, `undefined` while unknown. */
  get video(): string | undefined {
    return this.#video?.name ?? (this.#isComplete ? 'none' : undefined);
  }

  /** The codec of the branch; `undefined` where none is linked yet. */
  get videoCodec(): VideoCodec | undefined {
    return this.#video?.video;
  }

  /** As {@link video}, of the sound. */
  get audio(): string | undefined {
    return this.#audio?.name ?? (this.#isComplete ? 'none' : undefined);
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
