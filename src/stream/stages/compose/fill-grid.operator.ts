import { asyncScheduler, Observable, type OperatorFunction, type Subscription } from 'rxjs';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { GridTick, OutputGrid } from '../../domain/output-grid.js';

/** One source frame with what the stages before have found out about it. */
export interface SourceFrame {
  /** Milliseconds of the running time, rising. */
  readonly ptsMs: number;
  /** One reference belongs to the receiver of the frame. */
  readonly handle: FrameHandle;
}

/** One frame of the output that has to be planned and painted. */
export interface OutputFrame<M extends SourceFrame> {
  /** Milliseconds: exactly n × 1000 / fps, strictly rising. */
  readonly outPtsMs: number;
  /** The newest source frame; absent before the first one. */
  readonly sourceFrame: M | undefined;
  /** Whether `sourceFrame` has not been shown before. */
  readonly isNew: boolean;
}

/** How the output is filled. */
export interface FillGridOptions {
  /** The constant frame rate of the output. */
  readonly grid: OutputGrid;
  /** Running time, milliseconds; absent where every tick waits for a frame. */
  readonly nowMs?: () => number;
  /** Gives up one reference to a frame. */
  readonly release: (handle: FrameHandle) => void;
  /** A source frame got no tick (the source is faster than the output). */
  readonly onSkip?: () => void;
}

/**
 * Puts source frames on the output's constant frame rate: each goes to the next tick at once, and ticks that
 * no frame fills in time repeat the newest one. From none to many out for one in; synchronous, in order. Owns
 * the handles that come in and keeps the newest alive until the next: whoever takes the output must take a
 * reference of its own before returning. Errors and completes with the source.
 *
 * ```text
 * in      a──b────────c──d|       c is late
 * ticks   0──1──2──3──4──5
 * out     a──b──b──b──c──d|       ticks 2 and 3 repeat b
 * ```
 */
export function fillGrid<M extends SourceFrame>({
  grid,
  nowMs,
  release,
  onSkip,
}: FillGridOptions): OperatorFunction<M, OutputFrame<M>> {
  return (frames$) =>
    new Observable<OutputFrame<M>>((subscriber) => {
      let newest: M | undefined;
      const replaceNewest = (sourceFrame: M | undefined): void => {
        if (newest) release(newest.handle);
        newest = sourceFrame;
      };
      subscriber.add(() => replaceNewest(undefined));
      subscriber.add(
        frames$.subscribe({
          next: (sourceFrame) => {
            const filled = grid.offer(sourceFrame.ptsMs, nowMs?.());
            if (filled === 'skip') {
              onSkip?.();
              replaceNewest(sourceFrame);
              return;
            }
            for (let tick = filled.tick - filled.repeats; tick < filled.tick; tick += 1) {
              subscriber.next({ outPtsMs: grid.ptsMsOf(tick), sourceFrame: newest, isNew: false });
            }
            replaceNewest(sourceFrame);
            subscriber.next({ outPtsMs: filled.ptsMs, sourceFrame, isNew: true });
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
      if (nowMs) {
        const repeat = ({ ptsMs }: GridTick): void =>
          subscriber.next({ outPtsMs: ptsMs, sourceFrame: newest, isNew: false });
        subscriber.add(atDeadlines(grid, nowMs, repeat));
      }
    });
}

/** The deadline is looked at again after so many periods: it moves back where a source that was late is so no more. */
const MOST_PERIODS = 3;

/**
 * Waits for the deadline of the next tick only, and looks then whether a frame has come: while frames come in time, once
 * in the time for which one may be late, however many there are.
 */
function atDeadlines(grid: OutputGrid, nowMs: () => number, onDue: (tick: GridTick) => void): Subscription {
  return asyncScheduler.schedule(function () {
    grid.due(nowMs()).forEach(onDue);
    const waitMs = Math.min(grid.nextDueMs - nowMs(), grid.ptsMsOf(MOST_PERIODS));
    this.schedule(undefined, Math.max(1, Math.ceil(waitMs)));
  });
}
