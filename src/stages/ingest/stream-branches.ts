import type { BusMessage } from '#native/types.js';

/** What the branches of pipelines/ingest-rtsp.launch take, by the name of their first element. */
const BRANCHES: Readonly<Record<string, string>> = {
  'video-h264': 'H.264',
  'video-h265': 'H.265',
  'video-jpeg': 'Motion JPEG',
  'audio-aac': 'AAC',
  'audio-latm': 'AAC (LATM)',
  'audio-pcmu': 'G.711 µ-law',
  'audio-pcma': 'G.711 A-law',
  'audio-opus': 'Opus',
  'audio-l16': 'PCM 16 bit',
  'audio-l24': 'PCM 24 bit',
};

const UNUSED = /^failed delayed linking .* named (\S+?)\.?$/m;

/**
 * What a source has. When all its streams are known, GStreamer warns about each branch of the
 * graph that none of them fits; what is left is in use.
 */
export class StreamBranches {
  readonly #unused = new Set<string>();

  /** Whether `message` was such a warning; it is nothing to worry about. */
  note(message: BusMessage): boolean {
    if (message.type !== 'warning') return false;
    const name = UNUSED.exec(message.debug)?.[1];
    if (name === undefined) return false;
    this.#unused.add(name);
    return true;
  }

  /** Whether no stream of the source fits the branch that begins with this element. */
  isUnused(name: string): boolean {
    return this.#unused.has(name);
  }

  /** RTSP: codec of the pictures, `none` where none fits a branch, `undefined` while unknown. */
  get video(): string | undefined {
    return this.#inUse('video-');
  }

  /** RTSP: as {@link video}, of the sound. */
  get audio(): string | undefined {
    return this.#inUse('audio-');
  }

  #inUse(prefix: string): string | undefined {
    if (this.#unused.size === 0) return undefined;
    const names = Object.keys(BRANCHES).filter((name) => name.startsWith(prefix) && !this.#unused.has(name));
    // More than one: the warnings are still coming in.
    if (names.length > 1) return undefined;
    return names[0] === undefined ? 'none' : BRANCHES[names[0]];
  }
}
