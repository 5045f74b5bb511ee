import { setTimeout as delay } from 'node:timers/promises';
import { DiptychError, type ErrorCode } from '../../shared/domain/errors.js';
import type { HttpErrors } from '../http/http-error.js';
import type { HlsLoader } from './hls-loader.adapter.js';
import type { HlsSegment, MediaPlaylist } from './hls-playlist.js';
import { Mp4Demuxer } from './mp4-demuxer.js';
import { isPackedAudio, PackedAudioDemuxer } from './packed-audio.js';
import {
  isRestarted,
  remainingS,
  startPosition,
  unitAt,
  type FoundUnit,
  type PlaylistPosition,
} from './playlist-position.js';
import type { MediaSample, MediaTracks, SegmentDemuxer } from './segment-demuxer.js';
import { TsDemuxer } from './ts-demuxer.js';

/** What was read of a rendition at a time. */
export interface ReadSegment {
  /** Names what its time stamps belong to. */
  readonly run: string;
  /** In the order of decoding. */
  readonly samples: readonly MediaSample[];
  /** As the playlist has it, s. */
  readonly durationS: number;
}

/** What a {@link HlsRendition} works with. */
export interface HlsRenditionOptions {
  /** Loads. */
  readonly loader: HlsLoader;
  /** Names what fails. */
  readonly errors: HttpErrors;
  /** Its playlist. */
  readonly url: URL;
  /** Puts a time that wraps near those before it. */
  readonly unwrap: (ptsMs: number) => number;
  /** Whether a recording begins again at its end. */
  readonly isLooped: boolean;
  /** A playlist without news, or a segment that does not come, is an error after this, s. */
  readonly patienceS: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** What another attempt does not mend. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['DIPTYCH_E_SOURCE_FORMAT', 'DIPTYCH_E_ADDRESS_NOT_ALLOWED']);
/** A segment that does not come is passed over after so many attempts. */
const ATTEMPTS = 2;
/** So many that do not come one after the other end it. */
const MAX_LOST = 3;
const RETRY_MS = 300;
/** Behind by more than so many target durations, what is between is left out. */
const MAX_BEHIND_TARGETS = 1.5;

/** Reads the segments of one playlist, in order, as they appear. */
export class HlsRendition {
  readonly #options: HlsRenditionOptions;
  #playlist: MediaPlaylist;
  #position: PlaylistPosition;
  #loadedMs = performance.now();
  #newsMs = performance.now();
  #epoch = 0;
  #lost = 0;
  #demuxer: SegmentDemuxer | undefined;
  #demuxed: Pick<HlsSegment, 'map' | 'discontinuity'> & { readonly epoch: number } = { discontinuity: -1, epoch: -1 };

  constructor(playlist: MediaPlaylist, options: HlsRenditionOptions) {
    this.#playlist = playlist;
    this.#options = options;
    this.#position = startPosition(playlist);
  }

  /** What it consists of, as far as that is known. */
  get tracks(): MediaTracks {
    return this.#demuxer?.tracks ?? {};
  }

  /** Whether it is a recording. */
  get isRecording(): boolean {
    return this.#playlist.isRecording;
  }

  /** How far from its end it is played, as its playlist wants it, s. */
  get holdBackS(): number {
    return this.#playlist.holdBackS;
  }

  /**
   * What has become too old to be shown is left out.
   *
   * @param aheadS - how much of what was read is yet to be shown
   */
  catchUp(aheadS: number): void {
    const { isRecording, isEnded, targetS, holdBackS } = this.#playlist;
    if (isRecording || isEnded || aheadS > targetS) return;
    if (remainingS(this.#playlist, this.#position) > holdBackS + MAX_BEHIND_TARGETS * targetS) {
      this.#position = startPosition(this.#playlist);
    }
  }

  /**
   * The next segment, which is waited for; `undefined` at the end.
   *
   * @throws `DiptychError` where none comes
   */
  async next(): Promise<ReadSegment | undefined> {
    for (;;) {
      const found = unitAt(this.#playlist, this.#position);
      if (found) {
        this.#position = found.next;
        const read = found.unit.isGap ? undefined : await this.#read(found);
        if (read) return read;
      } else if (this.#playlist.isEnded) {
        if (!this.#playlist.isRecording || !this.#options.isLooped) return undefined;
        this.#position = startPosition(this.#playlist);
        this.#epoch += 1;
      } else await this.#reload();
    }
  }

  async #read({ unit, segment }: FoundUnit): Promise<ReadSegment | undefined> {
    const { loader, errors } = this.#options;
    const bytes = await this.#load({ unit, segment });
    if (!bytes) return undefined;
    const demuxer = await this.#demuxerFor(segment, bytes, loader);
    const samples = demuxer.push(bytes);
    if (demuxer.problem !== undefined) throw errors.format(`${demuxer.problem}; send H.264 and AAC without encryption`);
    return { run: `${this.#epoch}:${segment.discontinuity}`, samples, durationS: unit.durationS };
  }

  async #load({ unit, segment }: Pick<FoundUnit, 'unit' | 'segment'>): Promise<Buffer | undefined> {
    const { loader, signal } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const bytes = await loader.segment(unit, segment);
        this.#lost = 0;
        return bytes;
      } catch (error) {
        signal.throwIfAborted();
        const isFinal = !(error instanceof DiptychError) || FINAL.has(error.code);
        if (isFinal) throw error;
        if (attempt < ATTEMPTS) {
          await delay(RETRY_MS, undefined, { signal });
          continue;
        }
        this.#lost += 1;
        if (this.#lost >= MAX_LOST) throw error;
        return undefined;
      }
    }
  }

  /** Another one where time stamps or the initialisation section change: nothing of what was before counts for it. */
  async #demuxerFor(segment: HlsSegment, bytes: Buffer, loader: HlsLoader): Promise<SegmentDemuxer> {
    const { map, discontinuity } = segment;
    const isSame =
      this.#demuxed.epoch === this.#epoch &&
      this.#demuxed.discontinuity === discontinuity &&
      this.#demuxed.map?.uri === map?.uri &&
      this.#demuxed.map?.range?.offset === map?.range?.offset;
    if (this.#demuxer && isSame) return this.#demuxer;
    const { unwrap } = this.#options;
    const demuxer = map
      ? new Mp4Demuxer(await loader.init(map))
      : isPackedAudio(bytes)
        ? new PackedAudioDemuxer(unwrap)
        : new TsDemuxer(unwrap);
    this.#demuxer = demuxer;
    this.#demuxed = { discontinuity, epoch: this.#epoch, ...(map && { map }) };
    return demuxer;
  }

  /** Waits until the playlist may have changed, and loads it. */
  async #reload(): Promise<void> {
    const { loader, errors, signal, patienceS } = this.#options;
    const { targetS, partS } = this.#playlist;
    const waitMs = partS === undefined ? (targetS * 1000) / 2 : 0;
    await delay(Math.max(0, this.#loadedMs + waitMs - performance.now()), undefined, { signal });
    this.#loadedMs = performance.now();
    let problem = errors.ended(`its playlist has had no new segment for ${Math.round(patienceS)} s`);
    try {
      const { playlist } = await loader.playlist(this.#blockingUrl());
      if (playlist.kind === 'master') throw errors.format('its playlist of segments became one of playlists');
      if (isChanged(this.#playlist, playlist)) this.#newsMs = performance.now();
      // A server may say that it waits, and not do so.
      else if (partS !== undefined) await delay(partS * 1000, undefined, { signal });
      this.#playlist = playlist;
      if (isRestarted(playlist, this.#position)) {
        this.#position = startPosition(playlist);
        this.#epoch += 1;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DiptychError) || error.code === 'DIPTYCH_E_SOURCE_AUTH') throw error;
      problem = error;
      await delay(RETRY_MS, undefined, { signal });
    }
    if (performance.now() - this.#newsMs > patienceS * 1000) throw problem;
  }

  /** A server that can answers as soon as what is asked for is there (low-latency HLS). */
  #blockingUrl(): URL {
    const { partS } = this.#playlist;
    if (partS === undefined) return this.#options.url;
    const url = new URL(this.#options.url);
    url.searchParams.set('_HLS_msn', String(this.#position.sequence));
    url.searchParams.set('_HLS_part', String(this.#position.part));
    return url;
  }
}

function isChanged(before: MediaPlaylist, after: MediaPlaylist): boolean {
  const mark = ({ segments, isEnded }: MediaPlaylist): string => {
    const last = segments.at(-1);
    return `${last?.sequence} ${last?.whole?.uri} ${last?.parts.length} ${isEnded}`;
  };
  return mark(before) !== mark(after);
}
