import { Observable, type OperatorFunction } from 'rxjs';
import type { Frame, FrameHandle } from '../../../shared/domain/frame.js';

/** How frames are moved. */
export interface ToBackendMemoryOptions<F extends Frame> {
  /**
   * Takes a frame over and gives it in the backend's memory; `undefined` at once where it is there already (and
   * is not taken over).
   */
  readonly move: (frame: F) => Promise<F> | undefined;
  /** Gives up one reference to a frame. */
  readonly release: (handle: FrameHandle) => void;
  /**
   * Frames under way at once, ≥ 1; newer ones are dropped. Higher drops fewer frames and adds delay, lower the
   * other way round. @defaultValue any number
   */
  readonly maxUnderWay?: number;
  /** A frame was dropped. */
  readonly onDrop?: () => void;
}

/**
 * Moves frames to the memory of the backend: none or one out for one in, in order; synchronously where nothing
 * has to be moved. Frames come in owned and go out owned. A frame that cannot be moved errors the stream.
 *
 * ```text
 * in       a──b──c──d──|       a is there already; maxUnderWay 1
 * moving      └────B └──D      c comes while b is moved: dropped
 * out      a───────b────d|
 * ```
 */
export function toBackendMemory<F extends Frame>(options: ToBackendMemoryOptions<F>): OperatorFunction<F, F> {
  const { move, release, maxUnderWay = Number.POSITIVE_INFINITY, onDrop } = options;
  return (frames$) =>
    new Observable((subscriber) => {
      let underWay = 0;
      let isSourceOver = false;
      let last: Promise<void> = Promise.resolve();
      const handOn = (frame: F): void => {
        if (subscriber.closed) release(frame.handle);
        else subscriber.next(frame);
      };
      const follow = (moving: Promise<F>): void => {
        underWay += 1;
        // It may fail before its turn.
        moving.catch(() => undefined);
        last = last
          .then(async () => handOn(await moving))
          .catch((error: unknown) => subscriber.error(error))
          .finally(() => {
            underWay -= 1;
            if (isSourceOver && underWay === 0) subscriber.complete();
          });
      };
      return frames$.subscribe({
        next: (frame) => {
          if (underWay >= maxUnderWay) {
            release(frame.handle);
            onDrop?.();
            return;
          }
          const moving = move(frame);
          if (moving) follow(moving);
          else if (underWay > 0) follow(Promise.resolve(frame));
          else subscriber.next(frame);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          isSourceOver = true;
          if (underWay === 0) subscriber.complete();
        },
      });
    });
}
