import { concatMap, defer, filter, finalize, from, map, of, type Observable, type OperatorFunction } from 'rxjs';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { CompositionPlan } from '../../domain/composition-plan.js';
import { withMore } from '../../../shared/with-more.js';

/** A frame of the output with its plan. */
export interface PlannedFrame {
  /** What to paint where. */
  readonly plan: CompositionPlan;
  /** The source frame the plan shows; absent while only the slate is shown. */
  readonly source: FrameHandle | undefined;
}

/** What painting adds to a frame. */
export interface PaintedFrame {
  /** The composed picture; the receiver owns one reference. */
  readonly picture: FrameHandle;
  /** Whether it is the picture before, repeated because painting was too slow. */
  readonly isLate: boolean;
}

/** Paints plans. */
export interface Painter {
  /**
   * Composes a picture, of which the caller owns one reference. Retains what it reads before it returns the
   * promise, which rejects with a {@link DiptychError}, e.g. `DIPTYCH_E_GPU_LOST`.
   */
  paint(frame: PlannedFrame): Promise<FrameHandle>;
  /** Takes another reference to a picture. */
  retain(picture: FrameHandle): void;
  /** Gives up one reference to a picture. */
  release(picture: FrameHandle): void;
}

/** How much is painted at once. */
export interface PaintOptions<F extends PlannedFrame = PlannedFrame> {
  /**
   * Pictures painted at once, ≥ 1; beyond that the picture before is repeated. Higher repeats fewer pictures
   * under load and adds delay, lower the other way round. @defaultValue 3
   */
  readonly maxInFlight?: number;
  /** Called for each plan: whether there is a picture of it, or none at all. @defaultValue always */
  readonly mayPaint?: ((frame: F) => boolean) | undefined;
}

/**
 * Turns plans into pictures: one in, one out, in order, asynchronously. At most `maxInFlight` are painted at
 * once; a further plan gets the picture before it, so that the output keeps its frame rate. A painting that
 * fails errors the stream. What is still being painted after the subscription ends is released.
 *
 * ```text
 * in          a──b──c──d──|            maxInFlight 1, each takes longer than a frame
 * painted     └────A└────C
 * out         ─────A─B────C─D──|       B is A again, D is C again
 * ```
 */
export function paintFrames<F extends PlannedFrame>(
  painter: Painter,
  { maxInFlight = 3, mayPaint = () => true }: PaintOptions<F> = {},
): OperatorFunction<F, F & PaintedFrame> {
  return (frames$) =>
    defer(() => {
      let inFlight = 0;
      let latest: FrameHandle | undefined;
      /** Painted, and not yet handed on. */
      const pending = new Set<Promise<FrameHandle>>();
      const keep = (picture: FrameHandle): void => {
        painter.retain(picture);
        if (latest !== undefined) painter.release(latest);
        latest = picture;
      };
      const start = (frame: F): Promise<FrameHandle> | undefined => {
        // Before the first picture there is none to repeat: it is painted whatever the load.
        if (inFlight >= maxInFlight && latest !== undefined) return undefined;
        inFlight += 1;
        const painting = painter.paint(frame).finally(() => {
          inFlight -= 1;
        });
        // It may fail before its turn, or after the subscription ended.
        painting.catch(() => undefined);
        pending.add(painting);
        return painting;
      };
      return frames$.pipe(
        filter((frame) => mayPaint(frame) || latest === undefined),
        map((frame) => ({ frame, painting: start(frame) })),
        concatMap(({ frame, painting }): Observable<F & PaintedFrame> => {
          if (painting) {
            return from(painting).pipe(
              map((picture) => {
                pending.delete(painting);
                keep(picture);
                return withMore(frame, { picture, isLate: false });
              }),
            );
          }
          return defer(() => {
            if (latest === undefined) throw new Error('no picture to repeat');
            painter.retain(latest);
            return of(withMore(frame, { picture: latest, isLate: true }));
          });
        }),
        finalize(() => {
          for (const painting of pending)
            void painting.then(
              (picture) => painter.release(picture),
              () => undefined,
            );
          if (latest !== undefined) painter.release(latest);
        }),
      );
    });
}
