import { describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import { OutputGrid, type GridTick } from '#src/stream/domain/output-grid.js';
import { expectConstantRate, ptsOf } from './grid-sources.js';

interface Live {
  readonly ticks: readonly (GridTick & { readonly isNew: boolean })[];
  /** Ticks filled from `fromMs` on, and those of them with a new frame. */
  share(fromMs: number): number;
}

/** With a clock: ticks every 10 ms, frames delivered `delayMs(index)` after their PTS, in order. */
function runLive(ptsMs: readonly number[], delayMs: (index: number) => number, endMs: number): Live {
  const grid = new OutputGrid({ fps: 30 });
  const ticks: (GridTick & { isNew: boolean })[] = [];
  let next = 0;
  for (let nowMs = 0; nowMs <= endMs; nowMs += 1) {
    if (nowMs % 10 === 0) ticks.push(...grid.due(nowMs).map((tick) => ({ ...tick, isNew: false })));
    while (next < ptsMs.length && ptsMs[next]! + delayMs(next) <= nowMs) {
      const given = grid.offer(ptsMs[next]!);
      next += 1;
      if (given === 'skip') continue;
      for (let tick = given.tick - given.repeats; tick < given.tick; tick += 1) {
        ticks.push({ tick, ptsMs: (tick * 1000) / 30, isNew: false });
      }
      ticks.push({ ...given, isNew: true });
    }
  }
  return {
    ticks,
    share(fromMs) {
      const late = ticks.filter((tick) => tick.ptsMs >= fromMs);
      return late.filter(({ isNew }) => isNew).length / late.length;
    },
  };
}

describe('output grid against a clock', () => {
  it('starts with the first call and repeats as long as there is no source', () => {
    const grid = new OutputGrid({ fps: 25, slackMs: 40 });
    grid.due(10_000);

    const ticks = Array.from({ length: 100 }, (_, step) => grid.due(10_000 + step * 10)).flat();

    expectConstantRate(ticks, 25);
    expect(ticks.length).toBeGreaterThanOrEqual(24);
    expect(ticks.length).toBeLessThanOrEqual(25);
  });

  it('starts at tick 0 when the clock starts', () => {
    const grid = new OutputGrid({ fps: 30, slackMs: 50 });

    expect(grid.due(0)).toEqual([]);
    expect(grid.due(49)).toEqual([]);
    expect(grid.due(50)).toEqual([{ tick: 0, ptsMs: 0 }]);
  });

  it.each([0, 40, 150, 400, 2000])('adapts to frames that come %i ms after their PTS', (delay) => {
    const random = seededRandom(3);
    const live = runLive(ptsOf({ fps: 30, frames: 900, jitterMs: 3 }), () => delay + random() * 15, 30_000);

    expectConstantRate(live.ticks, 30);
    expect(live.share(1500 + delay)).toBeGreaterThanOrEqual(0.995);
  });

  it('goes on without another repeat after one frame came too late', () => {
    const live = runLive(ptsOf({ fps: 30, frames: 600 }), (index) => (index === 300 ? 120 : 20), 20_500);

    expectConstantRate(live.ticks, 30);
    expect(live.ticks.filter((tick) => tick.ptsMs > 1100 && tick.ptsMs < 20_900)).not.toHaveLength(0);
    expect(live.share(1100)).toBeGreaterThanOrEqual(0.99);
  });

  it('does not accept a PTS far ahead of the clock, and goes on when it is right again', () => {
    const pts = ptsOf({ fps: 30, frames: 600 }).map((value, index) =>
      index >= 200 && index < 400 ? value + 47_721_000 : value,
    );
    const live = runLive(pts, (index) => (index >= 200 && index < 400 ? -47_721_000 : 0) + 30, 21_000);

    expectConstantRate(live.ticks, 30);
    expect(live.ticks.at(-1)!.ptsMs).toBeLessThan(21_100);
    expect(live.share(1100)).toBeGreaterThanOrEqual(0.97);
    expect(live.share(15_000)).toBeGreaterThanOrEqual(0.99);
  });

  it('fills a stall with repeats in time and goes on with the source', () => {
    const pts = ptsOf({ fps: 30, frames: 600 }).filter((value) => value < 6000 || value > 11_000);
    const live = runLive(pts, () => 30, 20_000);

    const stall = live.ticks.filter(({ ptsMs }) => ptsMs > 6100 && ptsMs < 10_900);
    expectConstantRate(live.ticks, 30);
    expect(Math.abs(stall.length - 144)).toBeLessThanOrEqual(1);
    expect(stall.some(({ isNew }) => isNew)).toBe(false);
    expect(live.share(11_100)).toBeGreaterThanOrEqual(0.99);
  });
});
