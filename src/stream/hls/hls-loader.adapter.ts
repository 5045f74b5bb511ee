import { createDecipheriv } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { readBody, type HttpAnswer, type HttpClient } from '../http/http-client.adapter.js';
import type { HttpErrors } from '../http/http-error.js';
import {
  parsePlaylist,
  type HlsResource,
  type HlsSegment,
  type MasterPlaylist,
  type MediaPlaylist,
} from './hls-playlist.js';

const MAX_PLAYLIST_BYTES = 4 * 1024 * 1024;
const MAX_SEGMENT_BYTES = 128 * 1024 * 1024;
const KEY_BYTES = 16;
/** Keys and initialisation sections that are kept. */
const MAX_KEPT = 8;

/** What an {@link HlsLoader} asks with. */
export interface HlsLoaderOptions {
  /** Asks. */
  readonly client: Pick<HttpClient, 'get'>;
  /** Names what fails. */
  readonly errors: HttpErrors;
  /** Nothing for so long ends a request, s. */
  readonly timeoutS: number;
}

/** Loads playlists and segments, decrypts, and keeps what is used again. */
export class HlsLoader {
  readonly #options: HlsLoaderOptions;
  readonly #kept = new Map<string, Buffer>();

  constructor(options: HlsLoaderOptions) {
    this.#options = options;
  }

  /** Asks for a playlist, and reads it. @throws `DiptychError` with what to do */
  async playlist(url: string | URL): Promise<{ readonly playlist: MasterPlaylist | MediaPlaylist; readonly url: URL }> {
    return this.read(await this.#options.client.get(url));
  }

  /** Reads a playlist that was asked for. @throws `DiptychError` with what to do */
  async read(answer: HttpAnswer): Promise<{ readonly playlist: MasterPlaylist | MediaPlaylist; readonly url: URL }> {
    const { errors, timeoutS } = this.#options;
    const bytes = await readBody(answer, { maxBytes: MAX_PLAYLIST_BYTES, timeoutS, errors });
    try {
      const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
      const text = isZipped ? gunzipSync(bytes, { maxOutputLength: MAX_PLAYLIST_BYTES }) : bytes;
      return { playlist: parsePlaylist(text.toString('utf8'), answer.url), url: answer.url };
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
      throw errors.format(`its playlist cannot be read: ${reason.slice(0, 120)}`);
    }
  }

  /** Loads a segment or a part, decrypted. @throws `DiptychError` with what to do */
  async segment(resource: HlsResource, { key }: Pick<HlsSegment, 'key'>): Promise<Buffer> {
    const bytes = await this.#bytes(resource);
    if (!key) return bytes;
    const { errors } = this.#options;
    if (key.method !== 'AES-128') throw errors.format(`is encrypted by ${key.method}; AES-128 is taken`);
    const secret = await this.#keep({ uri: key.uri });
    if (secret.length !== KEY_BYTES)
      throw errors.format(`names a key of ${secret.length} bytes; one of AES-128 has 16`);
    try {
      const decipher = createDecipheriv('aes-128-cbc', secret, key.iv);
      return Buffer.concat([decipher.update(bytes), decipher.final()]);
    } catch {
      throw errors.format('has a segment that its key does not decrypt');
    }
  }

  /** Loads an initialisation section, once. @throws `DiptychError` with what to do */
  init(resource: HlsResource): Promise<Buffer> {
    return this.#keep(resource);
  }

  async #keep(resource: HlsResource): Promise<Buffer> {
    const name = `${resource.uri} ${resource.range?.offset ?? ''}`;
    const known = this.#kept.get(name);
    if (known) return known;
    const bytes = await this.#bytes(resource);
    this.#kept.set(name, bytes);
    for (const old of [...this.#kept.keys()].slice(0, -MAX_KEPT)) this.#kept.delete(old);
    return bytes;
  }

  async #bytes({ uri, range }: HlsResource): Promise<Buffer> {
    const { client, errors, timeoutS } = this.#options;
    const answer = await client.get(uri, range);
    const bytes = await readBody(answer, { maxBytes: MAX_SEGMENT_BYTES, timeoutS, errors });
    // A server that knows no ranges sends all.
    return range && answer.status === 200 && bytes.length > range.length
      ? bytes.subarray(range.offset, range.offset + range.length)
      : bytes;
  }
}
