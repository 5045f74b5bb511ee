import { concatMap, defer, map, type OperatorFunction } from 'rxjs';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Embedder, EmbeddingResult } from '../../domain/embedding.js';
import type { Track } from '../../../shared/domain/track.js';
import type { IdentityEvent } from './identity-events.js';
import { IdentityKeeper } from './identity-keeper.js';
import type { IdentityCounts, IdentityKeeperOptions } from './identity-options.js';

/** A frame as the track stage gives it. */
export interface TrackedFrame {
  readonly ptsMs: number;
  readonly detections?: DetectionSet;
  readonly tracks: readonly Track[];
}

export interface IdentifyOptions<F> extends Omit<IdentityKeeperOptions, 'metric'> {
  /** Gets the frame that the detections rode on, as long as it is in hand. */
  readonly embedder: Embedder<F>;
  /** What happened to identities, and how often was looked, after every frame with something new. */
  readonly onIdentities?: (events: readonly IdentityEvent[], counts: IdentityCounts) => void;
  /** `identify`: an embedding that failed; the frame goes on without. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Replaces the ids of tracks by lasting identities beside the live chain: one frame in, one out, at
 * once, in order. Nobody waits for embeddings: an answer counts from the first frame after it came.
 * Tracks whose identity is not sure are `lost` or left out until it is. State is per subscription.
 */
export function identify<F extends TrackedFrame>(options: IdentifyOptions<F>): OperatorFunction<F, F> {
  const { embedder, onIdentities, onError } = options;
  return (frames) =>
    defer(() => {
      const keeper = keeperFor(options);
      let answers: EmbeddingResult[] = [];
      return frames.pipe(
        map((frame) => {
          const { detections, tracks } = frame;
          if (answers.length > 0) keeper.learn(answers);
          answers = [];
          if (detections) {
            keeper.observe(detections, tracks);
            const requests = keeper.requests();
            if (requests.length > 0) {
              Promise.resolve(embedder.embed(requests, frame))
                .then((results) => answers.push(...results))
                .catch((error: unknown) => onError?.(error));
            }
            onIdentities?.(keeper.takeEvents(), keeper.counts);
          }
          return { ...frame, tracks: keeper.tracks(tracks) };
        }),
      );
    });
}

/**
 * The same for rendering from files: every frame waits for its embeddings, so that the same input
 * gives the same output. One in, one out, in order, one at a time; frames queue up while it waits.
 * An embedding that fails errors the stream.
 */
export function identifyEvery<F extends TrackedFrame>(options: IdentifyOptions<F>): OperatorFunction<F, F> {
  const { embedder, onIdentities } = options;
  return (frames) =>
    defer(() => {
      const keeper = keeperFor(options);
      return frames.pipe(
        concatMap(async (frame) => {
          const { detections, tracks } = frame;
          if (detections) {
            keeper.observe(detections, tracks);
            for (let requests = keeper.requests(); requests.length > 0; requests = keeper.requests()) {
              keeper.learn(await embedder.embed(requests, frame));
            }
            onIdentities?.(keeper.takeEvents(), keeper.counts);
          }
          return { ...frame, tracks: keeper.tracks(tracks) };
        }),
      );
    });
}

const keeperFor = <F>(options: IdentifyOptions<F>): IdentityKeeper =>
  new IdentityKeeper({ ...options, metric: options.embedder.metric });
