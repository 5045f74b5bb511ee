import { setImmediate } from 'node:timers/promises';
import type { DetectionSet } from '../shared/domain/detection.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { Percentiles } from '../shared/domain/stream-status.js';
import { percentilesOf } from '../shared/percentile.js';
import { withResources } from '../shared/resource-stack.js';
import type { IdentityCounts, ReidMode } from '../stream/stages/reid/identity-options.js';
import { shareOf } from './share.js';
import { LineFile } from './line-file.adapter.js';
import { formatMotRow } from './mot-format.js';
import { SetTracker, type SetTrackerOptions, type TrackedSet } from './set-tracker.js';

/** What is tracked. */
export interface TrackSource<S extends DetectionSet = DetectionSet> extends SetTrackerOptions<S> {
  /** Detection sets in order of their PTS, one for every frame; once. */
  readonly sets: Iterable<S> | AsyncIterable<S>;
  /** Of the whole source, ms; asked once sets come. @defaultValue not known */
  readonly durationMs?: () => number | undefined;
  /** Releases what the source holds. Idempotent. @defaultValue it holds nothing */
  readonly close?: () => Promise<void>;
}

/** Where tracks go. */
export interface TrackOptions {
  /** Result file in MOT format, frames counted from 1. */
  readonly outPath: string;
  /** One JSON object a line. @defaultValue not written */
  readonly eventsPath?: string;
  /** How often faces are embedded. @defaultValue 'conditional' where the source has an embedder, else 'off' */
  readonly reid?: ReidMode;
  /** Ends the run before its next frame. @defaultValue nothing does */
  readonly signal?: AbortSignal;
  /** Called for every frame, with their number so far and how to learn the share of the source that is done, 0 to 1. */
  readonly onProgress?: (frames: number, shareOf: () => number | undefined) => void;
  /** Opens a file that is written. @defaultValue one on disk */
  readonly openFile?: (path: string) => LineFile;
}

/** What `diptych track` prints as its last line. */
export interface TrackSummary {
  /** Detection sets. */
  readonly frames: number;
  /** The tracker's own time, without detection and embedding, milliseconds. */
  readonly msPerFrame: Percentiles;
  /** Detections that were associated to tracks. */
  readonly detections: number;
  /** Zeros where identities were not checked. */
  readonly reid: {
    readonly computed: number;
    readonly activationRatio: number;
    readonly swapsSuspected: number;
    readonly swapsCorrected: number;
  };
}

/** Frames that are tracked in a row before something else of the process has its turn. */
const FRAMES_AT_A_TIME = 50;

/**
 * Tracks a whole source and writes what was found, frame by frame, never taking a line back. Closes
 * the source and what it opened, in reverse order, whatever fails on the way.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_USAGE` where a file cannot be written, or where `reid` needs
 * an embedder and there is none; what the source throws.
 */
export function trackSource<S extends DetectionSet>(
  source: TrackSource<S>,
  { outPath, eventsPath, reid, signal, onProgress, openFile = (path) => new LineFile(path) }: TrackOptions,
): Promise<TrackSummary> {
  return withResources(async (resources) => {
    resources.defer(() => source.close?.());
    if (reid !== undefined && reid !== 'off' && !source.embedder) {
      throw new DiptychError(
        'DIPTYCH_E_USAGE',
        `--reid ${reid} needs embeddings: give --embeddings FILE with a det.txt, or use --reid off`,
      );
    }
    const open = (path: string): LineFile => resources.adopt(openFile(path), (file) => file.close());
    const out = open(outPath);
    const events = eventsPath === undefined ? undefined : open(eventsPath);
    const tracker = new SetTracker(source, reid);
    const tally = new TrackTally();
    for await (const set of source.sets) {
      // Sets of a text file are all there: without this, no signal would be noticed before the end.
      if (tally.frames % FRAMES_AT_A_TIME === 0) await setImmediate();
      if (signal?.aborted === true)
        throw new DiptychError('DIPTYCH_E_INTERRUPTED', 'interrupted; the file is not complete');
      const tracked = await tracker.update(set);
      tally.add(tracked);
      const found = tracked.tracks.filter(({ state }) => state === 'tracked');
      await out.write(found.map((track) => formatMotRow(tally.frames, track)).join(''));
      await events?.write(
        tracked.events.map((event) => `${JSON.stringify({ frame: tally.frames, ...event })}\n`).join(''),
      );
      onProgress?.(tally.frames, () => shareOf(set.ptsMs, source.durationMs?.()));
    }
    await Promise.all([out.finish(), events?.finish()]);
    return tally.summary(tracker.counts);
  });
}

/** Counts what was tracked. */
class TrackTally {
  readonly #times: number[] = [];
  #detections = 0;

  get frames(): number {
    return this.#times.length;
  }

  add({ tracks, ms }: TrackedSet): void {
    this.#times.push(ms);
    for (const { detectionIndex } of tracks) if (detectionIndex !== undefined) this.#detections += 1;
  }

  summary(counts: IdentityCounts | undefined): TrackSummary {
    const { computed = 0, swapsSuspected = 0, swapsCorrected = 0, matched = this.#detections } = counts ?? {};
    return {
      frames: this.frames,
      msPerFrame: this.frames > 0 ? percentilesOf(this.#times) : { p50: 0, p95: 0 },
      detections: matched,
      reid: { computed, activationRatio: matched > 0 ? computed / matched : 0, swapsSuspected, swapsCorrected },
    };
  }
}
