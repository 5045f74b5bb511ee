import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutputGrid } from '#src/stream/domain/output-grid.js';
import { fillGrid, type OutputFrame, type SourceFrame } from '#src/stream/stages/compose/fill-grid.operator.js';

const FPS = 10;

function run({ hasClock = false, slackMs = 100 } = {}) {
  const frames$ = new Subject<SourceFrame>();
  const startMs = Date.now();
  const out: OutputFrame<SourceFrame>[] = [];
  const released: number[] = [];
  let skipped = 0;
  let isComplete = false;
  const subscription = frames$
    .pipe(
      fillGrid({
        grid: new OutputGrid({ fps: FPS, slackMs }),
        release: (handle) => released.push(handle),
        onSkip: () => {
          skipped += 1;
        },
        ...(hasClock && { nowMs: () => Date.now() - startMs }),
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

  describe('against a clock', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('repeats the newest frame at the deadline of the next one, and each period from then on', () => {
      const { frames$, shown } = run({ hasClock: true });
      frames$.next({ ptsMs: 0, handle: 1 });

      vi.advanceTimersByTime(199);
      expect(shown()).toEqual([[0, 1, true]]);
      vi.advanceTimersByTime(101);

      expect(shown()).toEqual([
        [0, 1, true],
        [100, 1, false],
        [200, 1, false],
      ]);
    });

    it('shows nothing of a source that has not begun', () => {
      const { shown } = run({ hasClock: true });

      vi.advanceTimersByTime(200);

      expect(shown()).toEqual([
        [0, undefined, false],
        [100, undefined, false],
      ]);
    });

    it('looks at the clock once in the time for which a frame may be late, not at each frame', () => {
      const looks = vi.spyOn(OutputGrid.prototype, 'due');
      const { frames$, shown } = run({ hasClock: true, slackMs: 150 });

      for (let n = 0; n < 50; n += 1) {
        frames$.next({ ptsMs: n * 100, handle: n + 1 });
        vi.advanceTimersByTime(100);
      }

      expect(shown().every(([, , isNew]) => isNew)).toBe(true);
      expect(looks.mock.calls.length).toBeLessThanOrEqual(26);
      looks.mockRestore();
    });

    it('does not wait for a source that has gone as long as for one frame that was very late', () => {
      const { frames$, shown } = run({ hasClock: true });
      vi.advanceTimersByTime(15_000);
      frames$.next({ ptsMs: 1, handle: 1 });
      for (let n = 151; n <= 205; n += 1) {
        vi.advanceTimersByTime(100);
        frames$.next({ ptsMs: n * 100, handle: n });
      }
      const before = shown().length;

      vi.advanceTimersByTime(5600);

      expect(shown().length).toBeGreaterThan(before);
    });

    it('waits for nothing once nobody listens', () => {
      const { frames$, subscription } = run({ hasClock: true });
      frames$.next({ ptsMs: 0, handle: 1 });

      subscription.unsubscribe();

      expect(vi.getTimerCount()).toBe(0);
    });
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
