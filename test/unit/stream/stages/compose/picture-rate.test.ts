import { describe, expect, it } from 'vitest';
import { PictureRate } from '#src/stream/stages/compose/picture-rate.js';

const FPS = 30;

/** Runs for `seconds` with a delay that depends on what is painted; gives the pictures painted in the last second. */
function play(rate: PictureRate, seconds: number, lagOf: (fps: number) => number, startS = 0): number {
  let painted = 0;
  for (let tick = 0; tick < seconds * FPS; tick += 1) {
    const isPainted = rate.take({ isNew: true, nowMs: startS * 1000 + (tick * 1000) / FPS });
    if (isPainted && tick >= (seconds - 1) * FPS) painted += 1;
    if (isPainted) rate.measured(lagOf(rate.fps), startS * 1000 + (tick * 1000) / FPS);
  }
  return painted;
}

describe('PictureRate', () => {
  it('paints every picture while there is time', () => {
    expect(play(new PictureRate({ fps: FPS }), 10, () => 40)).toBe(FPS);
  });

  it.each([10, 18, 25])('comes near to the %d pictures a second that the machine can paint', (capacity) => {
    const rate = new PictureRate({ fps: FPS });

    const painted = play(rate, 60, (fps) => (fps > capacity ? 400 : 100));

    expect(painted).toBeGreaterThanOrEqual(capacity * 0.7);
    expect(painted).toBeLessThanOrEqual(capacity * 1.1);
  });

  it('tells when a quarter is left out, and until all are there again', () => {
    const rate = new PictureRate({ fps: FPS });
    const told: boolean[] = [rate.isReduced];

    play(rate, 2, () => 400);
    told.push(rate.isReduced);
    play(rate, 3, () => 400, 2);
    told.push(rate.isReduced);
    play(rate, 3, () => 20, 5);
    told.push(rate.isReduced);
    play(rate, 20, () => 20, 8);
    told.push(rate.isReduced);

    expect(told).toEqual([false, false, true, true, false]);
  });

  it('keeps five pictures a second, whatever the load', () => {
    expect(play(new PictureRate({ fps: FPS }), 30, () => 5000)).toBe(5);
  });

  it('paints nothing while an earlier picture has waited for too long, and the next one at once', () => {
    const rate = new PictureRate({ fps: FPS });

    const taken = [20, 90, 110, 140, 10].map((waitedMs) => rate.take({ isNew: true, waitedMs, nowMs: 0 }));

    expect(taken).toEqual([true, true, false, false, true]);
  });

  it('keeps five pictures a second where something never stops waiting', () => {
    const rate = new PictureRate({ fps: FPS });
    const moments = Array.from({ length: 10 * FPS }, (_, tick) => ({ isNew: true, waitedMs: 5000, nowMs: tick * 33 }));

    expect(moments.filter((moment) => rate.take(moment))).toHaveLength(50);
  });

  it('lowers the rate where pictures are left out because earlier ones wait', () => {
    const rate = new PictureRate({ fps: FPS });

    for (let tick = 0; tick < 10 * FPS; tick += 1) {
      const nowMs = (tick * 1000) / FPS;
      if (rate.take({ isNew: true, waitedMs: tick % 2 === 0 ? 0 : 160, nowMs })) rate.measured(40, nowMs);
    }

    expect(rate.fps).toBeLessThan(FPS / 2);
    expect(rate.isReduced).toBe(true);
  });

  it('comes back to every picture when the load is over', () => {
    const rate = new PictureRate({ fps: FPS });
    play(rate, 30, () => 5000);

    const painted = play(rate, 30, () => 20, 30);

    expect(painted).toBe(FPS);
  });

  it('spreads the pictures that it leaves out evenly', () => {
    const rate = new PictureRate({ fps: FPS });
    play(rate, 20, (fps) => (fps > 16 ? 400 : 100));

    const taken = Array.from({ length: 60 }, () => rate.take({ isNew: true, nowMs: 0 }));

    const gaps = taken
      .flatMap((isTaken, i) => (isTaken ? [i] : []))
      .map((at, i, all) => at - (all[i - 1] ?? at))
      .slice(1);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  });

  it('spends its time on pictures that are new where there is not enough', () => {
    const rate = new PictureRate({ fps: FPS });
    play(rate, 30, () => 5000);

    const painted = { new: 0, again: 0 };
    for (let tick = 0; tick < 10 * FPS; tick += 1) {
      const isNew = tick % 2 === 0;
      if (rate.take({ isNew, nowMs: 0 })) painted[isNew ? 'new' : 'again'] += 1;
    }

    expect(painted).toEqual({ new: 50, again: 0 });
  });

  it('goes on painting where the source sends nothing', () => {
    const rate = new PictureRate({ fps: FPS });
    play(rate, 30, () => 5000);
    rate.take({ isNew: true, nowMs: 0 });

    const taken = Array.from({ length: 2 * FPS }, () => rate.take({ isNew: false, nowMs: 0 }));

    expect(taken.slice(0, FPS / 2)).not.toContain(true);
    expect(taken.slice(FPS / 2).filter(Boolean)).toHaveLength(8);
  });

  it('paints the same picture again where there is time', () => {
    const rate = new PictureRate({ fps: FPS });

    expect(Array.from({ length: 5 }, () => rate.take({ isNew: false, nowMs: 0 }))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  it('brings two streams that share a machine to even rates', () => {
    const [first, second] = [new PictureRate({ fps: FPS }), new PictureRate({ fps: FPS })];
    play(second, 5, () => 5000);

    const painted = [0, 0];
    for (let tick = 0; tick < 120 * FPS; tick += 1) {
      const lagMs = first.fps + second.fps > 36 ? 400 : 60;
      for (const [i, rate] of [first, second].entries()) {
        if (!rate.take({ isNew: true, nowMs: 5000 + (tick * 1000) / FPS })) continue;
        rate.measured(lagMs, 5000 + (tick * 1000) / FPS);
        if (tick >= 60 * FPS) painted[i]! += 1;
      }
    }

    expect(Math.min(...painted) / Math.max(...painted)).toBeGreaterThan(0.85);
  });
});
