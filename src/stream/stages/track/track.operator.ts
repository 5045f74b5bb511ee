import { defer, map, type OperatorFunction } from 'rxjs';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';
import { ByteTracker, type ByteTrackerOptions } from './byte-tracker.js';
import { withMore } from '../../../shared/with-more.js';

/** A frame as the detect stage gives it. */
export interface DetectedFrame {
  /** Milliseconds. */
  readonly ptsMs: number;
  /** New since the frame before, its PTS at or before this frame's; absent where detection skipped. */
  readonly detections?: DetectionSet;
}

/**
 * Adds the tracks to every frame, at the frame's own PTS: one in, one out, synchronously, in order.
 * Detections that a frame carries are taken in first; frames without are predicted. State is per
 * subscription. Detections whose PTS does not rise error the stream.
 *
 * @param isKnownByLooks - as {@link ByteTracker} has it
 *
 * ```text
 * in    a──b──c──d──|     b and d carry detections
 * out   a──b──c──d──|     b, d: tracks updated; a, c: tracks predicted
 * ```
 */
export function track<F extends DetectedFrame>(
  options?: ByteTrackerOptions,
  isKnownByLooks?: (trackId: TrackId) => boolean,
): OperatorFunction<F, F & { readonly tracks: readonly Track[] }> {
  return (frames) =>
    defer(() => {
      const tracker = new ByteTracker(options, isKnownByLooks);
      return frames.pipe(
        map((frame) => {
          if (frame.detections) tracker.update(frame.detections);
          return withMore(frame, { tracks: tracker.predict(frame.ptsMs) });
        }),
      );
    });
}
