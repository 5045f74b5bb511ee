import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { OutputGrid } from '#src/stream/domain/output-grid.js';
import { fillGrid, type OutputFrame, type SourceFrame } from '#src/stream/stages/compose/fill-grid.operator.js';

const FPS = 10;

function run({ hasClock = false } = {}) {
  const frames$ = new Subject<SourceFrame>();
  const ticksMs$ = new Subject<number>();
  const out: OutputFrame<SourceFrame>[] = [];
  const released: number[] = [];
  let skipped = 0;
  let isComplete = false;
  const subscription = frames$
    .pipe(
      fillGrid({
        grid: new OutputGrid({ fps: FPS, slackMs: 100 }),
        release: (handle) => released.push(handle),
        onSkip: () => {
          skipped += 1;
        },
        ...(hasClock && { ticksMs$ }),
      }),
    )
    .subscribe({
      next: (frame) => out.push(frame),
      complete: () => {
        isComplete = true;
      },
    });
  return {
    frames$,
    ticksMs$,
    out,
    released,
    subscription,
    skipped: () => skipped,
    isComplete: () => isComplete,
    shown: () => out.map(({ outPtsMs, sourceFrame, isNew }) => [outPtsMs, sourceFrame?.handle, isNew]),
  };
}

describe('fillGrid', () => {
  it('puts an even source on the grid, frame by frame', () => {
    const { frames$, shown } = run();

    for (const n of [0, 1, 2]) frames$.next({ ptsMs: n * 100 + 20, handle: n + 1 });

    expect(shown()).toEqual([
      [0, 1, true],
      [100, 2, true],
      [200, 3, true],
    ]);
  });

  it('fills what a gap leaves with the frame before it', () => {
    const { frames$, shown } = run();

    frames$.next({ ptsMs: 0, handle: 1 });
    frames$.next({ ptsMs: 300, handle: 2 });

    expect(shown()).toEqual([
      [0, 1, true],
      [100, 1, false],
      [200, 1, false],
      [300, 2, true],
    ]);
  });

  it('repeats the newest frame when the clock says that none came in time', () => {
    const { frames$, ticksMs$, shown } = run({ hasClock: true });
    ticksMs$.next(0);
    frames$.next({ ptsMs: 0, handle: 1 });

    ticksMs$.next(210);

    expect(shown()).toEqual([
      [0, 1, true],
      [100, 1, false],
    ]);
  });

  it('shows nothing of a source that has not begun', () => {
    const { ticksMs$, shown } = run({ hasClock: true });

    ticksMs$.next(100);
    ticksMs$.next(200);

    expect(shown()).toEqual([[100, undefined, false]]);
  });

  it('reports frames that get no tick, and keeps the newest', () => {
    const { frames$, shown, skipped, released } = run();

    frames$.next({ ptsMs: 0, handle: 1 });
    frames$.next({ ptsMs: 1, handle: 2 });

    expect(shown()).toEqual([[0, 1, true]]);
    expect(skipped()).toBe(1);
    expect(released).toEqual([1]);
  });

  it('releases every frame once, the last one at the end', () => {
    const { frames$, released, isComplete } = run();
    frames$.next({ ptsMs: 0, handle: 1 });
    frames$.next({ ptsMs: 100, handle: 2 });

    frames$.complete();

    expect(isComplete()).toBe(true);
    expect(released).toEqual([1, 2]);
  });

  it('hands errors on', () => {
    const frames$ = new Subject<SourceFrame>();
    let seen: unknown;
    frames$
      .pipe(fillGrid({ grid: new OutputGrid({ fps: FPS }), release: () => undefined }))
      .subscribe({ error: (error: unknown) => (seen = error) });
    const failure = new Error('gone');

    frames$.error(failure);

    expect(seen).toBe(failure);
  });
});
