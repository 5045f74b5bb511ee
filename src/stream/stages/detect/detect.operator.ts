import { concatMap, Observable, type OperatorFunction } from 'rxjs';
import type { Box } from '../../../shared/domain/box.js';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Frame } from '../../../shared/domain/frame.js';
import type { NativeAddon } from '../../native/types.js';
import { DetectionPace, type DetectedPicture, type DetectionPaceOptions } from './detection-pace.js';
import type { Detector } from './detector.js';
import { withMore } from '../../../shared/with-more.js';

/** When and where to detect. */
export interface DetectOptions extends DetectionPaceOptions {
  /** Expected boxes of people, new ones included, pixels; called for each frame that is detected on. */
  readonly hints?: () => readonly Box[];
  /** Retains the frame that is detected on until its detections were handed on. */
  readonly frames?: Pick<NativeAddon, 'retain' | 'release'>;
  /** `detectLatest`: after such an error the chain goes on, as if the frame had not been due. */
  readonly isForgiven?: (error: unknown) => boolean;
}

export type { DetectedPicture };

/** A frame, on which detections may have been handed on. */
export type Detected<F> = F & {
  /** New since the frame before; their PTS is at or before this frame's. */
  readonly detections?: DetectionSet;
  /** The frame that `detections` belong to: retained while this frame is handed on, no longer. */
  readonly detectedIn?: DetectedPicture;
};

/**
 * Detects for live streams, which never wait for it. Every frame passes at once: one in, one out, synchronously,
 * in order. A frame that comes when the detector is idle and 1/maxFps of PTS has passed is also given to the
 * detector; the next frame carries the detections, under the PTS of the frame that they belong to. One
 * detection at a time; frames in between are not detected on, and detections that no frame follows are dropped.
 * Owns no frame. A detection that fails errors the stream, unless `isForgiven`.
 *
 * ```text
 * in          a──b──c──d──e──|      maxFps as high as the frame rate
 * detecting   └─────A  └─────D      a takes longer than a frame; D is dropped
 * out         a──b──c──d──e──|      c carries the detections of a
 * ```
 */
export function detectLatest<F extends Frame>(
  detector: Pick<Detector, 'detect'>,
  options: DetectOptions,
): OperatorFunction<F, Detected<F>> {
  return (frames) =>
    new Observable((subscriber) => {
      const pace = new DetectionPace(options);
      const { frames: keeper } = options;
      let isBusy = false;
      let result: { readonly detections: DetectionSet; readonly detectedIn: DetectedPicture } | undefined;
      const release = ({ handle }: DetectedPicture): void => keeper?.release(handle);
      const isOver = (): boolean => subscriber.closed;
      subscriber.add(() => {
        if (result) release(result.detectedIn);
      });
      return frames.subscribe({
        next: (frame) => {
          const ready = result;
          result = undefined;
          // Before the frame passes: later stages may release it.
          if (!isBusy && pace.take(frame)) {
            isBusy = true;
            const { handle, width, height } = frame;
            const detectedIn = { handle, width, height };
            keeper?.retain(handle);
            detector.detect(frame, options.hints?.()).then(
              (detections) => {
                isBusy = false;
                pace.found(detections);
                if (isOver()) release(detectedIn);
                else result = { detections, detectedIn };
              },
              (error: unknown) => {
                release(detectedIn);
                isBusy = false;
                if (options.isForgiven?.(error) !== true) subscriber.error(error);
              },
            );
          }
          if (!ready) {
            subscriber.next(frame);
            return;
          }
          subscriber.next(withMore(frame, ready));
          release(ready.detectedIn);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

/**
 * Detects on every frame that is due and waits for the result, for files: the same input gives the same output.
 * One in, one out, in order; one detection at a time; nothing is dropped, so frames queue while it waits (the
 * source has to wait as well). Owns no frame. A detection that fails errors the stream.
 *
 * ```text
 * in          a──b──c──d──|         maxFps at half the frame rate
 * detecting   └────A   └────C       a and c are due
 * out         ─────a─b──────c─d|    a and c carry their own detections
 * ```
 */
export function detectEvery<F extends Frame>(
  detector: Pick<Detector, 'detect'>,
  options: DetectOptions,
): OperatorFunction<F, Detected<F>> {
  return (frames) =>
    new Observable((subscriber) => {
      const pace = new DetectionPace(options);
      return frames
        .pipe(
          concatMap(async (frame): Promise<Detected<F>> => {
            if (!pace.take(frame)) return frame;
            const detections = await detector.detect(frame, options.hints?.());
            pace.found(detections);
            return { ...frame, detections, detectedIn: frame };
          }),
        )
        .subscribe(subscriber);
    });
}
