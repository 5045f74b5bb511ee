import { MOST_FLAWS, type RecordingFacts, type RecordingFlaw } from './soak-data.js';

/** One tag of an FLV file: an encoded picture, some sound, or what describes them. */
export interface FlvTag {
  /** What it holds. */
  readonly kind: 'video' | 'audio' | 'other';
  /** Decoding time, ms. */
  readonly timeMs: number;
  /** Configuration of the codec, which precedes the media. */
  readonly isHeader: boolean;
  /** An encoded picture or sound; not configuration, and not the mark at the end of the pictures. */
  readonly isMedia: boolean;
  /** A picture that needs no other. */
  readonly isKeyframe: boolean;
  /** Of the tag in the file. */
  readonly offset: number;
  /** Length with its header and the size that follows it. */
  readonly bytes: number;
}

const HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;
/** Bytes of a tag's content that say what it is. */
const PEEK_BYTES = 2;
const AUDIO = 8;
const VIDEO = 9;
const AAC = 10;
const AVC = 7;
const KEYFRAME = 1;

/** Finds the tags of an FLV file in chunks of any size (Adobe, "Flash Video File Format" 10.1, annex E). */
export class FlvScanner {
  /** Of the file, before the first tag. */
  static readonly headerBytes = HEADER_BYTES;
  readonly #onTag: (tag: FlvTag) => void;
  #rest = Buffer.alloc(0);
  /** Of `#rest` in the file. */
  #offset = 0;
  #isBegun = false;

  constructor(onTag: (tag: FlvTag) => void) {
    this.#onTag = onTag;
  }

  /** The next bytes of the file. */
  add(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const skip = (bytes: number): void => {
      data = data.subarray(bytes);
      this.#offset += bytes;
    };
    if (!this.#isBegun && data.length >= HEADER_BYTES) {
      this.#isBegun = true;
      skip(HEADER_BYTES);
    }
    while (this.#isBegun && data.length >= TAG_HEADER_BYTES) {
      const bytes = TAG_HEADER_BYTES + data.readUIntBE(1, 3) + 4;
      if (data.length < bytes) break;
      this.#onTag(tagOf(data, this.#offset, bytes));
      skip(bytes);
    }
    this.#rest = Buffer.from(data);
  }
}

function tagOf(data: Buffer, offset: number, bytes: number): FlvTag {
  const type = data.readUInt8(0) & 0x1f;
  // The high byte comes last.
  const timeMs = data.readUInt8(7) * 2 ** 24 + data.readUIntBE(4, 3);
  const hasContent = bytes >= TAG_HEADER_BYTES + PEEK_BYTES + 4;
  const [first, second] = hasContent
    ? [data.readUInt8(TAG_HEADER_BYTES), data.readUInt8(TAG_HEADER_BYTES + 1)]
    : [0, 1];
  const kind = type === VIDEO ? 'video' : type === AUDIO ? 'audio' : 'other';
  const isConfigured = kind === 'video' ? (first & 0x0f) === AVC : kind === 'audio' && first >> 4 === AAC;
  const isHeader = hasContent && isConfigured && second === 0;
  const isMedia = hasContent && kind !== 'other' && (!isConfigured || second === 1);
  return {
    ...{ kind, timeMs, isHeader, isMedia, offset, bytes },
    isKeyframe: kind === 'video' && isMedia && first >> 4 === KEYFRAME,
  };
}

/** Counts what is missing in recordings of a stream with a constant frame rate. */
export class RecordingCounter {
  readonly #periodMs: number;
  #files = 0;
  #frames = 0;
  #spanMs = 0;
  #missing = 0;
  #longestStepMs = 0;
  #backSteps = 0;
  readonly #flaws: RecordingFlaw[] = [];
  readonly #last = new Map<FlvTag['kind'], number>();

  /** `fps`: of the stream. */
  constructor(fps: number) {
    this.#periodMs = 1000 / fps;
  }

  /** Another file begins: what lies between it and the one before is counted by `files` only. */
  beginFile(): void {
    this.#files += 1;
    this.#last.clear();
  }

  /** The next tag of the file. */
  add({ kind, timeMs, isMedia }: FlvTag): void {
    if (!isMedia) return;
    const before = this.#last.get(kind);
    this.#last.set(kind, timeMs);
    if (kind === 'video') this.#frames += 1;
    if (before === undefined) return;
    const stepMs = timeMs - before;
    if (stepMs <= 0) {
      this.#backSteps += 1;
      this.#note(kind, before, stepMs);
    }
    if (kind !== 'video' || stepMs <= 0) return;
    this.#spanMs += stepMs;
    this.#longestStepMs = Math.max(this.#longestStepMs, stepMs);
    const missing = Math.max(0, Math.round(stepMs / this.#periodMs) - 1);
    this.#missing += missing;
    if (missing > 0) this.#note(kind, before, stepMs);
  }

  /** What was counted so far. */
  read(): RecordingFacts {
    return {
      files: this.#files,
      frames: this.#frames,
      seconds: Math.round(this.#spanMs) / 1000,
      missing: this.#missing,
      longestStepMs: this.#longestStepMs,
      backSteps: this.#backSteps,
      flaws: [...this.#flaws],
    };
  }

  #note(kind: FlvTag['kind'], atMs: number, stepMs: number): void {
    if (this.#flaws.length < MOST_FLAWS) this.#flaws.push({ file: this.#files, kind, atS: atMs / 1000, stepMs });
  }
}
