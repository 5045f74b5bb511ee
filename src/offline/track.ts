import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { DetectionSet } from '../shared/domain/detection.js';
import type { Embedder, EmbeddingRequest, EmbeddingResult } from '../stream/domain/embedding.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { Percentiles } from '../shared/domain/stream-status.js';
import type { Track } from '../shared/domain/track.js';
import { IdentityKeeper } from '../stream/stages/reid/identity-keeper.js';
import type { ReidMode } from '../stream/stages/reid/identity-options.js';
import { ByteTracker } from '../stream/stages/track/byte-tracker.js';
import { formatMotRow, readMotDetections, type MotDetectionSet } from './mot-format.js';

/** What is tracked: detection sets in order of their PTS, one for every frame. */
export interface TrackSource<S extends DetectionSet = DetectionSet> {
  /** Frames a second, constant. */
  readonly fps: number;
  readonly sets: Iterable<S> | AsyncIterable<S>;
  /** Says how the people of a set look; without it identities are not checked. */
  readonly embedder?: Embedder<S>;
}

export interface TrackOptions {
  /** Result file in MOT format, frames counted from 1. */
  readonly outPath: string;
  /** One JSON object a line. */
  readonly eventsPath?: string;
  /** @defaultValue 'conditional' where the source has an embedder, else 'off' */
  readonly reid?: ReidMode;
}

/** What `diptych track` prints as its last line. */
export interface TrackSummary {
  readonly frames: number;
  /** The tracker's own time, without detection and embedding, milliseconds. */
  readonly msPerFrame: Percentiles;
  /** Detections that were associated to tracks. */
  readonly detections: number;
  readonly reid: {
    readonly computed: number;
    readonly activationRatio: number;
    readonly swapsSuspected: number;
    readonly swapsCorrected: number;
  };
}

/** One frame's answer. */
export interface TrackedSet {
  readonly tracks: readonly Track[];
  /** The tracker's own time, milliseconds. */
  readonly ms: number;
}

/** The frame rate of a MOT file that nobody names. */
const DEFAULT_FPS = 30;
/** Length of one line of an `emb.i8`. */
const EMBEDDING_LENGTH = 64;

/** The tracker and, where there is an embedder, the identity keeper behind it, a set at a time. */
export class SetTracker<S extends DetectionSet> {
  readonly #tracker: ByteTracker;
  readonly #embedder: Embedder<S> | undefined;
  readonly keeper: IdentityKeeper | undefined;

  constructor({ fps, embedder }: Pick<TrackSource<S>, 'fps' | 'embedder'>, mode: ReidMode = 'conditional') {
    this.#embedder = mode === 'off' ? undefined : embedder;
    this.keeper = this.#embedder && new IdentityKeeper({ mode, metric: this.#embedder.metric });
    this.#tracker = new ByteTracker({
      stepMs: 1000 / fps,
      association: this.keeper ? 'combined' : 'published',
    });
  }

  async update(set: S): Promise<TrackedSet> {
    let begunMs = performance.now();
    const tracks = this.#tracker.update(set);
    if (!this.keeper || !this.#embedder) return { tracks, ms: performance.now() - begunMs };
    this.keeper.observe(set, tracks);
    let requests = this.keeper.requests();
    let ms = performance.now() - begunMs;
    while (requests.length > 0) {
      const answered = this.#embedder.embed(requests, set);
      const results = answered instanceof Promise ? await answered : answered;
      begunMs = performance.now();
      this.keeper.learn(results);
      requests = this.keeper.requests();
      ms += performance.now() - begunMs;
    }
    begunMs = performance.now();
    const named = this.keeper.tracks(tracks);
    return { tracks: named, ms: ms + performance.now() - begunMs };
  }
}

/** Tracks a whole source and writes what was found, frame by frame, never taking a line back. */
export async function trackSource<S extends DetectionSet>(
  source: TrackSource<S>,
  { outPath, eventsPath, reid }: TrackOptions,
): Promise<TrackSummary> {
  if (reid !== undefined && reid !== 'off' && !source.embedder) {
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `--reid ${reid} needs to know how people look: give --embeddings FILE with a det.txt, or use --reid off`,
    );
  }
  const tracker = new SetTracker(source, reid);
  const out = new LineFile(outPath);
  const events = eventsPath === undefined ? undefined : new LineFile(eventsPath);
  const times: number[] = [];
  let frames = 0;
  let detections = 0;
  for await (const set of source.sets) {
    frames += 1;
    const { tracks, ms } = await tracker.update(set);
    times.push(ms);
    let lines = '';
    for (const track of tracks) {
      if (track.detectionIndex !== undefined) detections += 1;
      if (track.state === 'tracked') lines += formatMotRow(frames, track);
    }
    await out.write(lines);
    for (const event of tracker.keeper?.takeEvents() ?? []) {
      await events?.write(`${JSON.stringify({ frame: frames, ...event })}\n`);
    }
  }
  await Promise.all([out.close(), events?.close()]);
  const counts = tracker.keeper?.counts;
  const computed = counts?.computed ?? 0;
  const associated = counts?.matched ?? detections;
  return {
    frames,
    msPerFrame: percentilesOf(times),
    detections: associated,
    reid: {
      computed,
      activationRatio: associated > 0 ? computed / associated : 0,
      swapsSuspected: counts?.swapsSuspected ?? 0,
      swapsCorrected: counts?.swapsCorrected ?? 0,
    },
  };
}

/**
 * Opens a MOT `det.txt`. Without `fps` the frame rate comes from a `seqinfo.ini` beside the file or
 * one folder up, as MOTChallenge lays it, else it is 30.
 *
 * @param embeddingsPath an `emb.i8`: 64 signed bytes for every line of the file
 */
export async function openMotFile(
  path: string,
  fps?: number,
  embeddingsPath?: string,
): Promise<TrackSource<MotDetectionSet>> {
  const text = (await readInput(path)).toString('utf8');
  const rate = fps ?? (await frameRateBeside(path)) ?? DEFAULT_FPS;
  const sets = readMotDetections(text, { fps: rate, kind: 'face', fileName: path });
  if (embeddingsPath === undefined) return { fps: rate, sets };
  const rows = sets.reduce((sum, set) => sum + set.rows.length, 0);
  const bytes = await readInput(embeddingsPath);
  if (bytes.length !== rows * EMBEDDING_LENGTH) {
    throw new DiptychError(
      'DIPTYCH_E_BAD_INPUT',
      `${embeddingsPath} has ${bytes.length} bytes, but ${path} has ${rows} lines: expected ${EMBEDDING_LENGTH} bytes a line, ${rows * EMBEDDING_LENGTH}`,
    );
  }
  const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return { fps: rate, sets, embedder: { metric: 'cosine', embed: (requests, set) => lookUp(values, requests, set) } };
}

function lookUp(
  values: Int8Array,
  requests: readonly EmbeddingRequest[],
  { rows }: MotDetectionSet,
): readonly EmbeddingResult[] {
  return requests.map((request) => {
    const start = EMBEDDING_LENGTH * rows[request.detectionIndex]!;
    return { ...request, embedding: Float32Array.from(values.subarray(start, start + EMBEDDING_LENGTH)) };
  });
}

/** A text file that is written a piece at a time, no faster than it can be. */
class LineFile {
  readonly #path: string;
  readonly #stream;
  readonly #ended: Promise<void>;

  constructor(path: string) {
    this.#path = path;
    this.#stream = createWriteStream(path);
    this.#ended = finished(this.#stream);
    this.#ended.catch(() => undefined);
  }

  async write(text: string): Promise<void> {
    if (text === '' || this.#stream.write(text)) return;
    await Promise.race([once(this.#stream, 'drain'), this.#ended]).catch((error: unknown) => this.#fail(error));
  }

  async close(): Promise<void> {
    this.#stream.end();
    await this.#ended.catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): never {
    throw new DiptychError('DIPTYCH_E_USAGE', `cannot write ${this.#path}: ${messageOf(error)}`, { cause: error });
  }
}

async function readInput(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw new DiptychError('DIPTYCH_E_USAGE', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  });
}

async function frameRateBeside(path: string): Promise<number | undefined> {
  for (const folder of [dirname(path), dirname(dirname(path))]) {
    const info = await readFile(join(folder, 'seqinfo.ini'), 'utf8').catch(() => '');
    const rate = Number(/^\s*frameRate\s*=\s*([\d.]+)/im.exec(info)?.[1]);
    if (rate > 0) return rate;
  }
  return undefined;
}

function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
