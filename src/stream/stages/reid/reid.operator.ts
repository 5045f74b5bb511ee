import type { LumaSketch } from '../../../shared/domain/detection.js';
import { concatMap, defer, map, type OperatorFunction } from 'rxjs';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Embedder, EmbeddingResult } from '../../domain/embedding.js';
import { extendedOptions } from '../../domain/live-options.js';
import type { Track } from '../../../shared/domain/track.js';
import { CutWatch } from './cut-watch.js';
import type { IdentityEvent } from './identity-events.js';
import { IdentityKeeper } from './identity-keeper.js';
import type { IdentityCounts, IdentityKeeperOptions } from './identity-options.js';
import { withMore } from '../../../shared/with-more.js';

/** A frame as the track stage gives it. */
export interface TrackedFrame {
  /** Milliseconds. */
  readonly ptsMs: number;
  /** New since the frame before; absent where detection skipped. */
  readonly detections?: DetectionSet;
  /** With the tracker's ids. */
  readonly tracks: readonly Track[];
}

/** How tracks are identified, and who is told. */
export interface IdentifyOptions<F> extends Omit<IdentityKeeperOptions, 'metric'> {
  /** Is given the frame that carries the detections, which need not outlive the call. */
  readonly embedder: Embedder<F>;
  /** Events and counts, after every frame with detections. */
  readonly onIdentities?: (events: readonly IdentityEvent[], counts: IdentityCounts) => void;
  /** A small picture of the frame that the detections belong to, so that cuts are seen. @defaultValue there is none */
  readonly sketch?: (frame: F) => LumaSketch | undefined;
  /** Told at the start whom to ask who is known. */
  readonly onStart?: (keeper: Pick<IdentityKeeper, 'memory'>) => void;
  /** `identify`: an embedding failed; the chain goes on without it. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Replaces the ids of tracks by lasting identities, for live streams: one frame in, one out, synchronously,
 * in order. No frame waits for embeddings: results are used from the first frame after they came. Tracks
 * whose identity is not sure are `lost` or left out until it is. An embedding that fails is reported to
 * `onError`. State is per subscription.
 *
 * ```text
 * in          a──b──c──d──e──|      tracks with the tracker's ids; b carries detections
 * embeddings     └──────x           asked for at b, there between c and d
 * out         a──b──c──d──e──|      tracks with identities; x counts from d on
 * ```
 *
 * @param onKeeper - is given what keeps the identities of each subscription, before its first frame
 */
export function identify<F extends TrackedFrame>(
  options: IdentifyOptions<F>,
  onKeeper?: (keeper: IdentityKeeper) => void,
): OperatorFunction<F, F> {
  const { embedder, onIdentities, onError } = options;
  return (frames) =>
    defer(() => {
      const keeper = keeperFor(options);
      onKeeper?.(keeper);
      const similarityOf = compareSketches(options);
      let answers: EmbeddingResult[] = [];
      return frames.pipe(
        map((frame) => {
          const { detections, tracks } = frame;
          if (answers.length > 0) keeper.learn(answers);
          answers = [];
          if (detections) {
            keeper.observe(detections, tracks, similarityOf(frame));
            const requests = keeper.requests();
            if (requests.length > 0) {
              Promise.resolve(embedder.embed(requests, frame))
                .then((results) => answers.push(...results))
                .catch((error: unknown) => onError?.(error));
            }
            onIdentities?.(keeper.takeEvents(), keeper.counts);
          }
          return withMore(frame, { tracks: keeper.tracks(tracks) });
        }),
      );
    });
}

/**
 * The same for files: every frame waits for its embeddings, so that the same input gives the same output.
 * One in, one out, in order, one at a time; frames queue while it waits. An embedding that fails errors the
 * stream.
 *
 * ```text
 * in          a──b──c──d──|         b carries detections
 * embeddings     └────x             asked for at b
 * out         a───────bc──d──|      c waits for b
 * ```
 *
 * @param onKeeper - as in {@link identify}
 */
export function identifyEvery<F extends TrackedFrame>(
  options: IdentifyOptions<F>,
  onKeeper?: (keeper: IdentityKeeper) => void,
): OperatorFunction<F, F> {
  const { embedder, onIdentities } = options;
  return (frames) =>
    defer(() => {
      const keeper = keeperFor(options);
      onKeeper?.(keeper);
      const similarityOf = compareSketches(options);
      return frames.pipe(
        concatMap(async (frame) => {
          const { detections, tracks } = frame;
          if (detections) {
            keeper.observe(detections, tracks, similarityOf(frame));
            for (let requests = keeper.requests(); requests.length > 0; requests = keeper.requests()) {
              keeper.learn(await embedder.embed(requests, frame));
            }
            onIdentities?.(keeper.takeEvents(), keeper.counts);
          }
          return withMore(frame, { tracks: keeper.tracks(tracks) });
        }),
      );
    });
}

function keeperFor<F>(options: IdentifyOptions<F>): IdentityKeeper {
  const { embedder } = options;
  const keeper = new IdentityKeeper(
    extendedOptions(options, {
      get metric() {
        return embedder.metric;
      },
    }),
  );
  options.onStart?.(keeper);
  return keeper;
}

/** How similar the picture of each set is to that of the set before. */
function compareSketches<F>({ sketch }: Pick<IdentifyOptions<F>, 'sketch'>): (frame: F) => number | undefined {
  const watch = new CutWatch();
  return (frame) => {
    const taken = sketch?.(frame);
    return taken && watch.add(taken);
  };
}
