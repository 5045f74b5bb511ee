import { Observable, type OperatorFunction } from 'rxjs';
import type { Frame, FrameHandle } from '../../../shared/domain/frame.js';

export interface ToBackendMemoryOptions<F extends Frame> {
  /**
   * Takes a frame over and gives it where the stream works, or `undefined` at once where it is there
   * already (and not taken over).
   */
  readonly move: (frame: F) => Promise<F> | undefined;
  readonly release: (handle: FrameHandle) => void;
  /** Frames under way at once; newer ones are dropped. @defaultValue any number */
  readonly maxUnderWay?: number;
  readonly onDrop?: () => void;
}

/**
 * Brings frames to where the stream works. In order; at once where there is nothing to do. Frames
 * come in owned and go out owned. One that can't be brought errors the stream.
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
        // It may fail before its turn comes.
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
