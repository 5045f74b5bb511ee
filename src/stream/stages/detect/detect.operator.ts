import { concatMap, Observable, type OperatorFunction } from 'rxjs';
import type { Box } from '../../../shared/domain/box.js';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Frame } from '../../../shared/domain/frame.js';
import type { NativeAddon } from '../../native/types.js';
import { DetectionClock } from './detection-clock.js';
import type { Detector } from './detector.js';

export interface DetectOptions {
  /** At most this many detections per second of PTS, > 0. */
  readonly maxFps: number;
  /** Where people are thought to be now, new ones included; asked when a frame is detected on. */
  readonly hints?: () => readonly Box[];
  /** Keeps the frame that is detected on alive until its detections were handed on. */
  readonly frames?: Pick<NativeAddon, 'retain' | 'release'>;
  /** `detectLatest`: a detection that fails with such an error is left out, as if the frame had not been due. */
  readonly isForgiven?: (error: unknown) => boolean;
}

export type DetectedPicture = Pick<Frame, 'handle' | 'width' | 'height'>;

export type Detected<F> = F & {
  readonly detections?: DetectionSet;
  /** What `detections` were found in: alive while this frame is handed on, no longer. */
  readonly detectedIn?: DetectedPicture;
};

/**
 * Detects beside the live chain, which never waits for it. Every frame passes at once: one in,
 * one out, synchronously, in order. A frame that comes when the detector is idle and 1/maxFps of
 * PTS has passed is also given to the detector; what was found rides on the next frame that
 * passes, under the PTS of the frame it was found in. One detection at a time; frames in between
 * are not detected on, and a result that no frame follows is dropped. Owns no frame.
 * A detection that fails errors the stream, unless it is forgiven.
 */
export function detectLatest<F extends Frame>(
  detector: Pick<Detector, 'detect'>,
  options: DetectOptions,
): OperatorFunction<F, Detected<F>> {
  return (frames) =>
    new Observable((subscriber) => {
      const clock = new DetectionClock(options.maxFps);
      const { frames: keeper } = options;
      let isBusy = false;
      let found: { readonly detections: DetectionSet; readonly detectedIn: DetectedPicture } | undefined;
      const letGo = ({ handle }: DetectedPicture): void => keeper?.release(handle);
      const isOver = (): boolean => subscriber.closed;
      subscriber.add(() => {
        if (found) letGo(found.detectedIn);
      });
      return frames.subscribe({
        next: (frame) => {
          const news = found;
          found = undefined;
          // Before the frame passes: what comes after may give it back.
          if (!isBusy && clock.take(frame.ptsMs)) {
            isBusy = true;
            const { handle, width, height } = frame;
            const detectedIn = { handle, width, height };
            keeper?.retain(handle);
            detector.detect(frame, options.hints?.()).then(
              (detections) => {
                isBusy = false;
                if (isOver()) letGo(detectedIn);
                else found = { detections, detectedIn };
              },
              (error: unknown) => {
                letGo(detectedIn);
                isBusy = false;
                if (options.isForgiven?.(error) !== true) subscriber.error(error);
              },
            );
          }
          if (!news) {
            subscriber.next(frame);
            return;
          }
          subscriber.next({ ...frame, ...news });
          letGo(news.detectedIn);
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
            const detections = await detector.detect(frame, options.hints?.());
            return { ...frame, detections, detectedIn: frame };
          }),
        )
        .subscribe(subscriber);
    });
}
