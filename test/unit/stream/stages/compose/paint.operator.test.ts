import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  paintFrames,
  type PaintedFrame,
  type Painter,
  type PlannedFrame,
} from '#src/stream/stages/compose/paint.operator.js';

const plan = { ptsMs: 0, layout: 'scene' as const, regions: [], marks: [] };

/** A painter whose paintings are finished by hand; counts references. */
function manualPainter() {
  const started: { resolve: (picture: number) => void; reject: (error: Error) => void }[] = [];
  const references = new Map<number, number>();
  const change = (picture: number, by: number): void => {
    references.set(picture, (references.get(picture) ?? 0) + by);
  };
  const painter: Painter = {
    paint: () =>
      new Promise((resolve, reject) => {
        started.push({
          resolve: (picture) => {
            change(picture, 1);
            resolve(picture);
          },
          reject,
        });
      }),
    retain: (picture) => change(picture, 1),
    release: (picture) => change(picture, -1),
  };
  return { painter, started, references };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function run(maxInFlight?: number, mayPaint?: (frame: { readonly n: number }) => boolean) {
  const frames$ = new Subject<PlannedFrame & { readonly n: number }>();
  const manual = manualPainter();
  const out: (PaintedFrame & { readonly n: number })[] = [];
  let failure: unknown;
  frames$
    .pipe(
      paintFrames<PlannedFrame & { readonly n: number }>(manual.painter, {
        ...(maxInFlight !== undefined && { maxInFlight }),
        mayPaint,
      }),
    )
    .subscribe({ next: (frame) => out.push(frame), error: (error: unknown) => (failure = error) });
  return {
    ...manual,
    frames$,
    out,
    failure: () => failure,
    next: (n: number) => frames$.next({ n, plan, source: undefined }),
  };
}

describe('paintFrames', () => {
  it('leaves out what may not be painted, but never the first picture', async () => {
    const { next, started, out } = run(undefined, ({ n }) => n === 3);
    next(1);
    started[0]!.resolve(11);
    await settle();

    next(2);
    next(3);
    started[1]?.resolve(13);
    await settle();

    expect(out.map(({ n, picture, isLate }) => [n, picture, isLate])).toEqual([
      [1, 11, false],
      [3, 13, false],
    ]);
  });

  it('keeps the order, however long a painting takes', async () => {
    const { next, started, out } = run();
    next(1);
    next(2);

    started[1]?.resolve(12);
    started[0]?.resolve(11);
    await settle();

    expect(out.map(({ n, picture, isLate }) => [n, picture, isLate])).toEqual([
      [1, 11, false],
      [2, 12, false],
    ]);
  });

  it('repeats the picture before when too many are under way', async () => {
    const { next, started, out } = run(1);
    next(1);
    started[0]?.resolve(11);
    await settle();

    next(2);
    next(3);
    started[1]?.resolve(12);
    await settle();

    expect(out.map(({ n, picture, isLate }) => [n, picture, isLate])).toEqual([
      [1, 11, false],
      [2, 12, false],
      [3, 12, true],
    ]);
  });

  it('paints the first pictures whatever the load, as there is none to repeat', () => {
    const { next, started } = run(1);

    next(1);
    next(2);

    expect(started).toHaveLength(2);
  });

  it('gives one reference a frame and releases the rest at the end', async () => {
    const { next, started, frames$, out, painter, references } = run();
    next(1);
    started[0]?.resolve(11);
    next(2);
    started[1]?.resolve(12);
    await settle();

    for (const { picture } of out) painter.release(picture);
    frames$.complete();
    await settle();

    expect([...references.values()]).toEqual([0, 0]);
  });

  it('fails with the painting', async () => {
    const { next, started, failure } = run();
    next(1);

    started[0]?.reject(new Error('out of memory'));
    await settle();

    expect(failure()).toMatchObject({ message: 'out of memory' });
  });

  it('ignores what finishes after a failure: releases pictures, drops errors', async () => {
    const { next, started, out, painter, references } = run();
    for (const n of [1, 2, 3, 4]) next(n);
    started[0]?.resolve(11);
    await settle();

    started[2]?.reject(new Error('out of memory, too'));
    await settle();
    started[1]?.reject(new Error('out of memory'));
    await settle();
    started[3]?.resolve(14);
    await settle();

    for (const { picture } of out) painter.release(picture);
    expect(out).toHaveLength(1);
    expect([...references.values()]).toEqual([0, 0]);
  });
});
