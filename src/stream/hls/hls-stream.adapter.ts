import { setTimeout as delay } from 'node:timers/promises';
import type { Size } from '../../shared/domain/box.js';
import type { HttpAnswer, HttpClient } from '../http/http-client.adapter.js';
import type { HttpErrors } from '../http/http-error.js';
import { HlsLoader } from './hls-loader.adapter.js';
import type { HlsVariant, MediaPlaylist } from './hls-playlist.js';
import { HlsRendition, type ReadSegment } from './hls-rendition.adapter.js';
import { HlsTimeline } from './hls-timeline.js';
import type { MediaSample, MediaTracks } from './segment-demuxer.js';
import { chooseVariant } from './variant-choice.js';

/** How a stream over HLS is read. */
export interface HlsStreamOptions {
  /** Asks. */
  readonly client: Pick<HttpClient, 'get'>;
  /** Names what fails. */
  readonly errors: HttpErrors;
  /** Nothing for so long ends a request, and the stream once all that was read has been shown, s. */
  readonly timeoutS: number;
  /** What pictures are for. */
  readonly output: Size;
  /** As `source.track.audio`. */
  readonly sound: 'auto' | 'none' | number;
  /** Whether a recording begins again at its end. */
  readonly isLooped: boolean;
  /** Shared running time, ms. */
  readonly nowMs: () => number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Takes what is played. Times in milliseconds of the shared running time. */
export interface HlsFeed {
  /** One compressed picture. */
  pictures(bytes: Uint8Array, ptsMs: number, dtsMs: number): void;
  /** Compressed sound. */
  sound(bytes: Uint8Array, ptsMs: number): void;
}

/** Without pictures in so many segments there are none. */
const FIRST_SEGMENTS = 3;
/** So much is read before it is shown, ms: more only where a segment is longer. */
const AHEAD_MS = 8000;
const POLL_MS = 50;
/** Sound that comes later than this is left out, ms. */
const LATE_SOUND_MS = 500;
/** Sound that cannot be loaded is tried again after this, ms. */
const SOUND_RETRY_MS = 2000;
const MS_A_FRAME = 40;

/** A stream over HLS: what is read of its playlists, as pictures and sound with the time at which they are shown. */
export class HlsStream {
  /** What it consists of. */
  readonly tracks: MediaTracks;
  /** How it comes, in words. */
  readonly description: string;
  readonly #options: HlsStreamOptions;
  readonly #timeline: HlsTimeline;
  readonly #pictures: HlsRendition;
  readonly #sound: HlsRendition | undefined;
  readonly #first: readonly ReadSegment[];
  readonly #firstSound: readonly ReadSegment[];

  private constructor(parts: {
    readonly options: HlsStreamOptions;
    readonly timeline: HlsTimeline;
    readonly pictures: HlsRendition;
    readonly first: readonly ReadSegment[];
    readonly sound: HlsRendition | undefined;
    readonly firstSound: readonly ReadSegment[];
    readonly description: string;
  }) {
    const { options, pictures, sound } = parts;
    this.#options = options;
    this.#timeline = parts.timeline;
    this.#pictures = pictures;
    this.#sound = sound;
    this.#first = parts.first;
    this.#firstSound = parts.firstSound;
    this.description = parts.description;
    const soundCaps = options.sound === 'none' ? undefined : (sound ?? pictures).tracks.sound;
    const { pictures: pictureCaps } = pictures.tracks;
    this.tracks = {
      ...(pictureCaps !== undefined && { pictures: pictureCaps }),
      ...(soundCaps !== undefined && { sound: soundCaps }),
    };
  }

  /**
   * Reads the playlist, chooses what fits, and loads so much that it is known what comes.
   *
   * @param answer - the playlist, whose body is yet to be read
   * @throws `DiptychError` with what to do
   */
  static async open(answer: HttpAnswer, options: HlsStreamOptions): Promise<HlsStream> {
    const { errors, output, sound: wish, timeoutS } = options;
    const loader = new HlsLoader(options);
    const { playlist, url } = await loader.read(answer);
    const chosen = playlist.kind === 'master' ? chooseVariant(playlist.variants, output) : undefined;
    if (playlist.kind === 'master' && !chosen) throw errors.format('its playlist names no variant with pictures');
    const media = playlist.kind === 'media' ? { playlist, url } : await load(loader, chosen?.uri ?? '', errors);
    const timeline = new HlsTimeline();
    const open = (at: { readonly playlist: MediaPlaylist; readonly url: URL }): HlsRendition =>
      new HlsRendition(at.playlist, {
        ...{ loader, errors, url: at.url, isLooped: options.isLooped, signal: options.signal },
        unwrap: (ptsMs) => timeline.unwrap(ptsMs),
        patienceS: at.playlist.holdBackS + timeoutS,
      });
    if (media.playlist.isEnded && !media.playlist.isRecording) throw errors.over('the live stream has ended');
    const pictures = open(media);
    const first = await readFirst(pictures, 'pictures');
    if (pictures.tracks.pictures === undefined)
      throw errors.format('sends no pictures that can be decoded; send H.264');
    const soundUri = soundOf(chosen, wish);
    const sound = soundUri === undefined ? undefined : open(await load(loader, soundUri, errors));
    const firstSound = sound ? await readFirst(sound, 'sound') : [];
    const variants = playlist.kind === 'master' ? playlist.variants.length : 1;
    return new HlsStream({
      ...{ options, timeline, pictures, first, sound, firstSound },
      description: describe(chosen, variants, pictures),
    });
  }

  /**
   * Plays until it ends.
   *
   * @throws `DiptychError` with the reason, which may be that it is over
   */
  async play(feed: HlsFeed): Promise<never> {
    if (this.#sound) void this.#playSound(this.#sound, feed).catch(() => undefined);
    for (const segment of this.#first) this.#showSegment(segment, feed);
    for (;;) {
      this.#pictures.catchUp(this.#aheadMs() / 1000);
      const segment = await this.#pictures.next();
      if (!segment) break;
      this.#showSegment(segment, feed);
      if (this.#pictures.tracks.pictures !== this.tracks.pictures) {
        throw this.#options.errors.ended('sends its pictures in another codec from now on');
      }
      await this.#whileAhead(() => this.#aheadMs(), AHEAD_MS);
    }
    await this.#whileAhead(() => this.#aheadMs(), 0);
    throw this.#options.errors.over('the stream has ended');
  }

  #showSegment({ run, samples, durationS }: ReadSegment, feed: HlsFeed): void {
    const times = samples.filter(({ kind }) => kind === 'pictures').map(({ ptsMs }) => ptsMs);
    if (times.length > 0) {
      const [first, last] = [Math.min(...times), Math.max(...times)];
      this.#timeline.begin(run, first, this.#options.nowMs());
      const frameMs = times.length > 1 ? (last - first) / (times.length - 1) : Math.min(durationS * 1000, MS_A_FRAME);
      this.#timeline.finish(run, last + frameMs);
    }
    for (const sample of samples) {
      if (sample.kind === 'sound') {
        if (!this.#sound) this.#showSound(run, sample, feed);
        continue;
      }
      const ptsMs = this.#timeline.at(run, sample.ptsMs);
      const dtsMs = this.#timeline.at(run, sample.dtsMs);
      if (ptsMs !== undefined && dtsMs !== undefined) feed.pictures(sample.data, ptsMs, Math.max(0, dtsMs));
    }
  }

  #showSound(run: string, { data, ptsMs }: MediaSample, feed: HlsFeed): number {
    const at = this.#timeline.at(run, ptsMs);
    if (at === undefined || this.tracks.sound === undefined) return 0;
    if (at > this.#options.nowMs() - LATE_SOUND_MS) feed.sound(data, at);
    return at;
  }

  /** Sound of a playlist of its own is shown by the times of the pictures. */
  async #playSound(rendition: HlsRendition, feed: HlsFeed): Promise<void> {
    const { signal, nowMs } = this.#options;
    const waiting = [...this.#firstSound];
    let endMs = 0;
    for (;;) {
      signal.throwIfAborted();
      try {
        const segment = waiting.shift() ?? (await rendition.next());
        if (!segment) return;
        while (this.#timeline.at(segment.run, 0) === undefined) await delay(POLL_MS, undefined, { signal });
        for (const sample of segment.samples) {
          if (sample.kind === 'sound') endMs = this.#showSound(segment.run, sample, feed);
        }
        await this.#whileAhead(() => endMs - nowMs(), AHEAD_MS);
      } catch {
        await delay(SOUND_RETRY_MS, undefined, { signal });
      }
    }
  }

  #aheadMs(): number {
    const { endMs } = this.#timeline;
    return endMs === undefined ? 0 : endMs - this.#options.nowMs();
  }

  async #whileAhead(aheadMs: () => number, limitMs: number): Promise<void> {
    const { signal } = this.#options;
    while (aheadMs() > limitMs) await delay(POLL_MS, undefined, { signal });
  }
}

/** Loads until it is known what there is. */
async function readFirst(rendition: HlsRendition, kind: 'pictures' | 'sound'): Promise<ReadSegment[]> {
  const first: ReadSegment[] = [];
  while (rendition.tracks[kind] === undefined && first.length < FIRST_SEGMENTS) {
    const segment = await rendition.next();
    if (!segment) break;
    first.push(segment);
  }
  return first;
}

async function load(
  loader: HlsLoader,
  uri: string,
  errors: HttpErrors,
): Promise<{ readonly playlist: MediaPlaylist; readonly url: URL }> {
  const { playlist, url } = await loader.playlist(uri);
  if (playlist.kind === 'media') return { playlist, url };
  throw errors.format('its playlist names playlists that name playlists again');
}

function soundOf(chosen: HlsVariant | undefined, wish: HlsStreamOptions['sound']): string | undefined {
  if (wish === 'none') return undefined;
  return chosen?.sounds[wish === 'auto' ? 0 : wish];
}

function describe(chosen: HlsVariant | undefined, variants: number, { isRecording, holdBackS }: HlsRendition): string {
  const size = chosen?.size ? ` of ${chosen.size.width}×${chosen.size.height}` : '';
  const which = variants > 1 ? `, the variant${size} among ${variants}` : '';
  const how = isRecording ? 'a recording' : `live, about ${Math.round(holdBackS * 10) / 10} s behind its end`;
  return `HLS, ${how}${which}`;
}
