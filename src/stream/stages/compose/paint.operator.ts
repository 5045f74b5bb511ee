import { concatMap, defer, finalize, from, map, of, type Observable, type OperatorFunction } from 'rxjs';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { CompositionPlan } from '../../domain/composition-plan.js';

export interface PlannedFrame {
  readonly plan: CompositionPlan;
  /** The source frame the plan shows; absent while only the slate is shown. */
  readonly source: FrameHandle | undefined;
}

export interface PaintedFrame {
  /** The composed picture; the receiver owns one reference. */
  readonly picture: FrameHandle;
  /** Whether the picture before was taken again because painting could not keep up. */
  readonly isLate: boolean;
}

/** Paints by a plan; takes its own references before it returns the promise. */
export interface Painter {
  paint(frame: PlannedFrame): Promise<FrameHandle>;
  retain(picture: FrameHandle): void;
  release(picture: FrameHandle): void;
}

export interface PaintOptions {
  /** Paintings under way at once; above it the picture before is repeated. @defaultValue 3 */
  readonly maxInFlight?: number;
}

/**
 * Turns plans into pictures: one in, one out, in order, asynchronously. At most `maxInFlight`
 * are painted at once; a plan that comes on top of that gets the picture before it, so that
 * the output keeps its frame rate. What is still being painted when nobody listens any more is
 * released.
 */
export function paintFrames<F extends PlannedFrame>(
  painter: Painter,
  { maxInFlight = 3 }: PaintOptions = {},
): OperatorFunction<F, F & PaintedFrame> {
  return (frames$) =>
    defer(() => {
      let inFlight = 0;
      let latest: FrameHandle | undefined;
      /** Painted for somebody who has not got it yet. */
      const owed = new Set<Promise<FrameHandle>>();
      const keep = (picture: FrameHandle): void => {
        painter.retain(picture);
        if (latest !== undefined) painter.release(latest);
        latest = picture;
      };
      const start = (frame: F): Promise<FrameHandle> | undefined => {
        // Before the first picture there is nothing to repeat: it is painted whatever the load.
        if (inFlight >= maxInFlight && latest !== undefined) return undefined;
        inFlight += 1;
        const painting = painter.paint(frame).finally(() => {
          inFlight -= 1;
        });
        // It may fail before its turn comes, or when nobody waits for it any more.
        painting.catch(() => undefined);
        owed.add(painting);
        return painting;
      };
      return frames$.pipe(
        map((frame) => ({ frame, painting: start(frame) })),
        concatMap(({ frame, painting }): Observable<F & PaintedFrame> => {
          if (painting) {
            return from(painting).pipe(
              map((picture) => {
                owed.delete(painting);
                keep(picture);
                return { ...frame, picture, isLate: false };
              }),
            );
          }
          return defer(() => {
            if (latest === undefined) throw new Error('no picture to repeat');
            painter.retain(latest);
            return of({ ...frame, picture: latest, isLate: true });
          });
        }),
        finalize(() => {
          for (const painting of owed)
            void painting.then(
              (picture) => painter.release(picture),
              () => undefined,
            );
          if (latest !== undefined) painter.release(latest);
        }),
      );
    });
}
