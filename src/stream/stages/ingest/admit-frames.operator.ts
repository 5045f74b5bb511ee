import { Observable, type OperatorFunction } from 'rxjs';
import type { Frame, FrameHandle } from '../../../shared/domain/frame.js';
import type { FrameSemaphore } from './frame-semaphore.js';

/** When frames may enter a chain that is fed as fast as it takes them. */
export interface AdmitFramesOptions {
  /** Bounds the frames in the chain. */
  readonly semaphore: Pick<FrameSemaphore, 'acquire'>;
  /** Resolves when the receiver of the chain's output can take more. @defaultValue at once */
  readonly ready?: (() => Promise<void>) | undefined;
  /** Gives back a frame that waited when the chain ended. */
  readonly release: (handle: FrameHandle) => void;
}

/**
 * Lets frames into the chain one by one: one in, one out, in order, asynchronously. Frames come in
 * owned and go out owned; those that wait when the subscription ends are released. A `ready` that
 * rejects errors the stream.
 *
 * ```
 * frames   a b c - - - |
 * acquire  x x - - x - -
 * result   a b - - c - |
 * ```
 */
export function admitFrames<F extends Frame>({
  semaphore,
  ready,
  release,
}: AdmitFramesOptions): OperatorFunction<F, F> {
  return (frames$) =>
    new Observable((subscriber) => {
      const waiting: F[] = [];
      let isAdmitting = false;
      let isSourceOver = false;
      const admitWaiting = async (): Promise<void> => {
        isAdmitting = true;
        while (waiting.length > 0) {
          await ready?.();
          await semaphore.acquire();
          const frame = waiting.shift();
          // The chain has ended meanwhile, and what waited is released.
          if (frame === undefined) return;
          subscriber.next(frame);
        }
        isAdmitting = false;
        if (isSourceOver) subscriber.complete();
      };
      subscriber.add(() => {
        for (const { handle } of waiting.splice(0)) release(handle);
      });
      return frames$.subscribe({
        next: (frame) => {
          waiting.push(frame);
          if (!isAdmitting) admitWaiting().catch((error: unknown) => subscriber.error(error));
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          isSourceOver = true;
          if (!isAdmitting) subscriber.complete();
        },
      });
    });
}
