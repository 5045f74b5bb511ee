import { Subject } from 'rxjs';
import type { StreamConfig } from '../shared/config/schema.js';
import type { DetectionSet } from '../shared/domain/detection.js';
import type { Track } from '../shared/domain/track.js';
import type { Embedder } from '../stream/domain/embedding.js';
import { followPeople, type FollowPeopleOptions } from '../stream/pipeline.js';
import type { LumaSketch } from '../shared/domain/detection.js';
import type { IdentityEvent } from '../stream/stages/reid/identity-events.js';
import type { IdentityCounts, ReidMode } from '../stream/stages/reid/identity-options.js';

/** What a {@link SetTracker} tracks. */
export interface SetTrackerOptions<S extends DetectionSet> {
  /** Sets a second, constant. */
  readonly fps: number;
  /** Makes embeddings of the people of a set; without it identities are not checked. */
  readonly embedder?: Embedder<S>;
  /** A small picture of a set, so that cuts are seen. @defaultValue there is none */
  readonly sketch?: (set: S) => LumaSketch | undefined;
  /** Of the tracker. @defaultValue those of every stream */
  readonly track?: StreamConfig['track'] | undefined;
  /** Uncertainty of an identity at which faces are compared. @defaultValue that of every stream */
  readonly riskThreshold?: number | undefined;
}

/** The answer to one set. */
export interface TrackedSet {
  /** Living tracks, boxes in pixels. */
  readonly tracks: readonly Track[];
  /** What happened to identities since the set before. */
  readonly events: readonly IdentityEvent[];
  /** The tracker's own time, without detection and embedding, milliseconds. */
  readonly ms: number;
}

interface SetFrame<S extends DetectionSet> {
  readonly ptsMs: number;
  readonly detections: S;
}

/**
 * The chain's tracking and identifying over detection sets that are there already, a set at a time,
 * every answer awaited. Lives as long as it is referred to; there is nothing to close.
 */
export class SetTracker<S extends DetectionSet> {
  readonly #sets = new Subject<SetFrame<S>>();
  #waiting: { readonly resolve: (tracked: TrackedSet) => void; readonly reject: (error: unknown) => void } | undefined;
  #begunMs = 0;
  #embeddedMs = 0;
  #events: readonly IdentityEvent[] = [];
  #counts: IdentityCounts | undefined;

  /**
   * Begins with no tracks.
   * @param mode - how often faces are embedded; `off` where there is no embedder
   */
  constructor({ fps, embedder, sketch, track, riskThreshold }: SetTrackerOptions<S>, mode: ReidMode = 'conditional') {
    const options: FollowPeopleOptions<SetFrame<S>> = {
      pace: { answers: 'awaited' },
      track: { ...track, stepMs: 1000 / fps, association: embedder && mode !== 'off' ? 'combined' : 'published' },
      ...(embedder &&
        mode !== 'off' && {
          identify: {
            mode,
            ...(riskThreshold !== undefined && { riskThreshold }),
            embedder: this.#timed(embedder),
            ...(sketch && { sketch: ({ detections }) => sketch(detections) }),
            onIdentities: (events, counts) => {
              this.#events = events;
              this.#counts = counts;
            },
          },
        }),
    };
    this.#sets.pipe(followPeople(options)).subscribe({
      next: ({ tracks }) => {
        const ms = performance.now() - this.#begunMs - this.#embeddedMs;
        this.#waiting?.resolve({ tracks, events: this.#events, ms });
      },
      error: (error: unknown) => this.#waiting?.reject(error),
    });
  }

  /** Of identities so far; absent before the first set, and where identities are not checked. */
  get counts(): IdentityCounts | undefined {
    return this.#counts;
  }

  /**
   * Tracks one set; the one before must have been answered. After a failure none is answered any more.
   * @throws {@link DiptychError} `DIPTYCH_E_PTS_NOT_MONOTONIC` unless the PTS rises; what the embedder throws.
   */
  update(set: S): Promise<TrackedSet> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#events = [];
      this.#embeddedMs = 0;
      this.#begunMs = performance.now();
      this.#sets.next({ ptsMs: set.ptsMs, detections: set });
    });
  }

  #timed(embedder: Embedder<S>): Embedder<SetFrame<S>> {
    return {
      metric: embedder.metric,
      embed: async (requests, { detections }) => {
        const begunMs = performance.now();
        const results = await embedder.embed(requests, detections);
        this.#embeddedMs += performance.now() - begunMs;
        return results;
      },
    };
  }
}
