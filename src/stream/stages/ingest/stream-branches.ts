import type { BusMessage } from '../../native/types.js';
import type { DecoderChoices, VideoCodec } from './decoder-choice.js';
import { soundCodecOf } from './sound-codec.js';

interface Branch {
  readonly name: string;
  readonly encoding: string;
  readonly codec: VideoCodec;
  /** Alternatives; a pad fits one where its caps say all that this says. */
  readonly caps: string;
}

const video = (name: string, codec: VideoCodec, encoding: string, ...fields: readonly string[]): Branch => ({
  name,
  codec,
  encoding,
  caps: [`encoding-name=${encoding}`, ...fields].map((field) => `application/x-rtp,media=video,${field}`).join(';'),
});

/** The branches of pipelines/ingest-rtsp.launch that take pictures, by the name of their first element. */
const BRANCHES: Readonly<Record<string, Branch>> = {
  'video-h264': video('H.264', 'h264', 'H264'),
  'video-h265': video('H.265', 'h265', 'H265'),
  // 26: the static payload type, which needs no name.
  'video-jpeg': video('Motion JPEG', 'jpeg', 'JPEG', 'payload=26'),
};

/** Where the sound goes, whatever its codec is. */
export const SOUND_SINK = 'sound-rtp';

/** What each branch takes, for `NativeAddon.linkBranches`. */
export const BRANCH_CAPS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(BRANCHES).map(([element, { caps }]) => [element, caps])),
  [SOUND_SINK]: 'application/x-rtp,media=audio',
};

/** Why a format that a camera offers cannot be played here; `undefined` where a branch takes it. */
export function lackOfBranch(
  { kind, encoding }: { readonly kind: string; readonly encoding: string },
  choices: DecoderChoices,
): string | undefined {
  if (kind === 'audio' && soundCodecOf(encoding) !== undefined) return undefined;
  const branch = kind === 'video' ? Object.values(BRANCHES).find((known) => known.encoding === encoding) : undefined;
  if (!branch) return `${encoding} cannot be decoded here`;
  const decoder = choices[branch.codec];
  if (decoder.isAvailable) return undefined;
  return `there is no decoder for ${branch.name}; ${decoder.rejected.at(-1)?.reason ?? ''}`;
}

/** What an RTSP source sends, by the branches its streams were linked to. */
export class StreamBranches {
  #element: string | undefined;
  #hasSound = false;
  #isComplete = false;

  /** The branch that begins with this element is in use. Of several kinds of pictures the first counts. */
  linked(element: string): void {
    if (element === SOUND_SINK) this.#hasSound = true;
    else this.#element ??= element;
  }

  /** Nothing more will be linked. */
  complete(): void {
    this.#isComplete = true;
  }

  /** First element of the branch that the pictures take; `undefined` where none is linked yet. */
  get videoElement(): string | undefined {
    return this.#element;
  }

  /** Codec of the pictures, `none` where no branch takes them, `undefined` while unknown. */
  get video(): string | undefined {
    return this.#branch?.name ?? (this.#isComplete ? 'none' : undefined);
  }

  /** The codec of the branch; `undefined` where none is linked yet. */
  get videoCodec(): VideoCodec | undefined {
    return this.#branch?.codec;
  }

  /** Whether there is sound; `undefined` while unknown. */
  get hasSound(): boolean | undefined {
    return this.#hasSound || (this.#isComplete ? false : undefined);
  }

  get #branch(): Branch | undefined {
    return this.#element === undefined ? undefined : BRANCHES[this.#element];
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
