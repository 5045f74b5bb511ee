import { Observable, type OperatorFunction } from 'rxjs';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { OutputGrid } from '../../domain/output-grid.js';

/** What the chain knows of one source frame when it is time to draw. */
export interface SourceFrame {
  readonly ptsMs: number;
  readonly handle: FrameHandle;
}

/** One frame of the output, yet to be planned and painted. */
export interface OutputFrame<M extends SourceFrame> {
  /** Exactly n / fps, strictly increasing. */
  readonly outPtsMs: number;
  /** The newest source frame; absent before the first one. */
  readonly sourceFrame: M | undefined;
  /** Whether `sourceFrame` has not been shown before. */
  readonly isNew: boolean;
}

export interface FillGridOptions {
  readonly grid: OutputGrid;
  /** Running time, milliseconds, at least once a frame; absent where every slot waits for a frame. */
  readonly ticksMs$?: Observable<number>;
  readonly release: (handle: FrameHandle) => void;
  /** A source frame that no slot of the output has room for (a source faster than the output). */
  readonly onSkip?: () => void;
}

/**
 * Puts source frames on the output's constant frame rate: each goes to the next slot at once,
 * and slots that no frame fills in time repeat the newest one. Synchronous, in order. Owns the
 * handles that come in and keeps the newest alive until the next: whoever takes the output must
 * take its own reference before returning. Completes with the source.
 */
export function fillGrid<M extends SourceFrame>({
  grid,
  ticksMs$,
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
            const filled = grid.offer(sourceFrame.ptsMs);
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
      subscriber.add(
        ticksMs$?.subscribe((nowMs) => {
          for (const { ptsMs } of grid.due(nowMs)) {
            subscriber.next({ outPtsMs: ptsMs, sourceFrame: newest, isNew: false });
          }
        }),
      );
    });
}
