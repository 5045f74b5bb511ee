import { concatMap, Observable, type OperatorFunction } from 'rxjs';
import type { Box } from '#domain/box.js';
import type { DetectionSet } from '#domain/detection.js';
import type { Frame } from '#domain/frame.js';
import { DetectionClock } from './detection-clock.js';
import type { Detector } from './detector.js';

export interface DetectOptions {
  /** At most this many detections per second of PTS, > 0. */
  readonly maxFps: number;
  /** Where people are thought to be now, new ones included; asked when a frame is detected on. */
  readonly hints?: () => readonly Box[];
}

export type Detected<F> = F & { readonly detections?: DetectionSet };

/**
 * Detects beside the live chain, which never waits for it. Every frame passes at once: one in,
 * one out, synchronously, in order. A frame that comes when the detector is idle and 1/maxFps of
 * PTS has passed is also given to the detector; what was found rides on the next frame that
 * passes, under the PTS of the frame it was found in. One detection at a time; frames in between
 * are not detected on, and a result that no frame follows is dropped. Owns no frame.
 * A detection that fails errors the stream.
 */
export function detectLatest<F extends Frame>(
  detector: Pick<Detector, 'detect'>,
  options: DetectOptions,
): OperatorFunction<F, Detected<F>> {
  return (frames) =>
    new Observable((subscriber) => {
      const clock = new DetectionClock(options.maxFps);
      let isBusy = false;
      let found: DetectionSet | undefined;
      return frames.subscribe({
        next: (frame) => {
          const detections = found;
          found = undefined;
          // Before the frame passes: what comes after may give it back.
          if (!isBusy && clock.take(frame.ptsMs)) {
            isBusy = true;
            detector.detect(frame, options.hints?.()).then(
              (result) => {
                isBusy = false;
                found = result;
              },
              (error: unknown) => subscriber.error(error),
            );
          }
          subscriber.next(detections === undefined ? frame : { ...frame, detections });
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

/**
 * Detects on every frame that is due and waits for the result, for rendering from files: the same
 * input gives the same output. One in, one out, in order; one detection at a time; nothing is
 * dropped, so frames queue up while it waits (the source has to be one that waits). Owns no frame.
 * A detection that fails errors the stream.
 */
export function detectEvery<F extends Frame>(
  detector: Pick<Detector, 'detect'>,
  options: DetectOptions,
): OperatorFunction<F, Detected<F>> {
  return (frames) =>
    new Observable((subscriber) => {
      const clock = new DetectionClock(options.maxFps);
      return frames
        .pipe(
          concatMap(async (frame): Promise<Detected<F>> => {
            if (!clock.take(frame.ptsMs)) return frame;
            return { ...frame, detections: await detector.detect(frame, options.hints?.()) };
          }),
        )
        .subscribe(subscriber);
    });
}
