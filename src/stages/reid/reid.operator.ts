import { defer, map, type OperatorFunction } from 'rxjs';
import type { DetectionSet } from '#domain/detection.js';
import type { Embedder, EmbeddingResult } from '#domain/embedding.js';
import type { Track } from '#domain/track.js';
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
  /** Gets the frame that the detections were found in, as long as it is in hand. */
  readonly embedder: Embedder<F>;
  /** What happened to identities, and how often was looked, after every frame with something new. */
  readonly onIdentities?: (events: readonly IdentityEvent[], counts: IdentityCounts) => void;
  /** An embedding that failed; the frame goes on without. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Replaces the ids of tracks by lasting identities: one frame in, one out, at once, in order. Nobody
 * waits for embeddings: an answer counts from the first frame after it came. Tracks whose identity is
 * not sure are `lost` or left out until it is. State is per subscription.
 */
export function identify<F extends TrackedFrame>(options: IdentifyOptions<F>): OperatorFunction<F, F> {
  const { embedder, onIdentities, onError } = options;
  return (frames) =>
    defer(() => {
      const keeper = new IdentityKeeper({ ...options, metric: embedder.metric });
      let answers: EmbeddingResult[] = [];
      const ask = (frame: F): void => {
        const requests = keeper.requests();
        if (requests.length === 0) return;
        const answered = embedder.embed(requests, frame);
        if (!(answered instanceof Promise)) {
          keeper.learn(answered);
          ask(frame);
          return;
        }
        answered.then((results) => answers.push(...results)).catch((error: unknown) => onError?.(error));
      };
      return frames.pipe(
        map((frame) => {
          const { detections, tracks } = frame;
          if (answers.length > 0) keeper.learn(answers);
          answers = [];
          if (detections) {
            keeper.observe(detections, tracks);
            ask(frame);
            onIdentities?.(keeper.takeEvents(), keeper.counts);
          }
          return { ...frame, tracks: keeper.tracks(tracks) };
        }),
      );
    });
}
