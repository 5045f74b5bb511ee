import { seededRandom } from '#src/shared/random.js';
import { describe, expect, it } from 'vitest';
import { OutputGrid, type GridTick } from '#src/stream/domain/output-grid.js';
import { expectConstantRate, ptsOf } from './grid-sources.js';

interface Placing {
  readonly ticks: readonly GridTick[];
  readonly placed: number;
  readonly repeats: number;
  readonly skips: number;
  /** Stamp − PTS, in periods. */
  readonly leads: readonly number[];
}

/** Without a clock, as when a file is rendered: gaps are filled when the next frame comes. */
function place(ptsMs: readonly number[], fps: number): Placing {
  const grid = new OutputGrid({ fps });
  const ticks: GridTick[] = [];
  const leads: number[] = [];
  let repeats = 0;
  let skips = 0;
  for (const pts of ptsMs) {
    const given = grid.offer(pts);
    if (given === 'skip') {
      skips += 1;
      continue;
    }
    for (let tick = given.tick - given.repeats; tick < given.tick; tick += 1) {
      ticks.push({ tick, ptsMs: (tick * 1000) / fps });
      repeats += 1;
    }
    ticks.push(given);
    leads.push(((given.ptsMs - pts) * fps) / 1000);
  }
  return { ticks, placed: leads.length, repeats, skips, leads };
}

const phasesMs = [0, 4, 8, 12, 16, 16.6, 16.7, 17, 21, 25, 29, 33];

describe('output grid, source at the output rate', () => {
  it.each(phasesMs)('gives every frame its tick, phase %f ms', (phaseMs) => {
    const { ticks, repeats, skips, leads } = place(ptsOf({ fps: 30, frames: 3000, phaseMs }), 30);

    expectConstantRate(ticks, 30);
    expect({ repeats, skips }).toEqual({ repeats: 0, skips: 0 });
    expect(Math.max(...leads.map(Math.abs))).toBeLessThanOrEqual(0.5 + 1e-6);
  });

  it.each([-0.3, 0.3, -0.45, 0.45])(
    'comes back to its sound at 15 fps after a late frame has moved it away, %f periods off at first',
    (startLead) => {
      const grid = new OutputGrid({ fps: 15 });
      const periodMs = 1000 / 15;
      const offsetsMs: number[] = [];
      for (let frame = 100; frame < 500; frame += 1) {
        const pts = (frame - startLead) * periodMs;
        const lateMs = frame === 200 ? 3 * periodMs : 20;
        for (let nowMs = pts - periodMs; nowMs < pts + lateMs; nowMs += periodMs / 2) grid.due(nowMs);
        const given = grid.offer(pts);
        if (given !== 'skip') offsetsMs.push(given.ptsMs - pts);
      }

      expect(Math.max(...offsetsMs.slice(200).map(Math.abs))).toBeLessThan(40);
    },
  );

  it('never alternates repeats and skips at 15 fps, whatever the phase and a jitter of ±0.4 periods', () => {
    for (let phaseMs = 0; phaseMs < 67; phaseMs += 3) {
      const { repeats, skips } = place(ptsOf({ fps: 15, frames: 3000, phaseMs, jitterMs: 26, seed: phaseMs + 1 }), 15);

      expect(repeats + skips).toBeLessThanOrEqual(3);
    }
  });

  it('shows a new frame in at least 99 % of ticks under ±10 ms jitter, whatever the phase', () => {
    let worst = 1;
    for (const phaseMs of phasesMs) {
      for (let seed = 1; seed <= 20; seed += 1) {
        const { ticks, placed, leads } = place(ptsOf({ fps: 30, frames: 1800, phaseMs, jitterMs: 10, seed }), 30);

        expectConstantRate(ticks, 30);
        expect(Math.max(...leads.map(Math.abs))).toBeLessThanOrEqual(1);
        worst = Math.min(worst, placed / ticks.length);
      }
    }
    console.log(`30 -> 30 fps, ±10 ms jitter: worst share of ticks with a new frame ${(worst * 100).toFixed(2)} %`);
    expect(worst).toBeGreaterThanOrEqual(0.998);
  });

  it('takes one frame that is nearly a period late or early without a loss', () => {
    for (const shiftMs of [-22, 22]) {
      const pts = ptsOf({ fps: 30, frames: 200 }).map((value, index) => value + (index === 100 ? shiftMs : 0));

      const { repeats, skips } = place(pts, 30);

      expect({ repeats, skips }).toEqual({ repeats: 0, skips: 0 });
    }
  });

  it('takes PTS rounded to whole milliseconds and to a 90 kHz clock', () => {
    for (const round of [Math.round, (ms: number) => Math.floor(ms * 90) / 90]) {
      const { repeats, skips } = place(ptsOf({ fps: 30, frames: 3000, phaseMs: 16.667 }).map(round), 30);

      expect({ repeats, skips }).toEqual({ repeats: 0, skips: 0 });
    }
  });
});

describe('output grid, source clock that drifts', () => {
  // 1001 ppm over 200 s builds up 6 periods of 30 fps; ±10 ms of jitter must not add to it.
  it.each([
    { name: '29.97 -> 30', fps: 30_000 / 1001, repeats: 6, skips: 0 },
    { name: '30.03 -> 30', fps: 30 * 1.001, repeats: 0, skips: 6 },
  ])('costs one repeat or skip a period: $name', ({ fps, repeats, skips }) => {
    for (const jitterMs of [0, 3, 10]) {
      for (const phaseMs of phasesMs) {
        const result = place(ptsOf({ fps, frames: Math.round(fps * 200.2), phaseMs, jitterMs, seed: 7 }), 30);

        expectConstantRate(result.ticks, 30);
        expect(Math.abs(result.repeats - repeats)).toBeLessThanOrEqual(1);
        expect(Math.abs(result.skips - skips)).toBeLessThanOrEqual(1);
        expect(Math.max(...result.leads.map(Math.abs))).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('output grid, other source rates', () => {
  it.each([
    { from: 25, to: 30 },
    { from: 24, to: 30 },
    { from: 15, to: 30 },
    { from: 10, to: 30 },
    { from: 25, to: 60 },
    { from: 27, to: 30 },
    { from: 28.5, to: 30 },
    { from: 20, to: 25 },
  ])('shows every frame of a slower source: $from -> $to', ({ from, to }) => {
    for (const jitterMs of [0, 250 / to]) {
      for (const phaseMs of phasesMs) {
        const frames = from * 60;
        const { ticks, placed, leads } = place(ptsOf({ fps: from, frames, phaseMs, jitterMs }), to);

        expectConstantRate(ticks, to);
        expect(Math.abs(ticks.length - to * 60)).toBeLessThanOrEqual(Math.ceil(to / from) + 1);
        expect(placed / frames).toBeGreaterThanOrEqual(jitterMs === 0 ? 0.999 : 0.98);
        expect(Math.max(...leads.map(Math.abs))).toBeLessThanOrEqual(1);
      }
    }
  });

  it.each([
    { from: 60, to: 30 },
    { from: 50, to: 30 },
    { from: 50, to: 25 },
    { from: 59.94, to: 30 },
    { from: 45, to: 30 },
    { from: 34, to: 30 },
    { from: 31.5, to: 30 },
    { from: 30, to: 25 },
    { from: 120, to: 30 },
  ])('fills every tick from a faster source: $from -> $to', ({ from, to }) => {
    for (const jitterMs of [0, 250 / from]) {
      for (const phaseMs of phasesMs) {
        const { ticks, placed, leads } = place(ptsOf({ fps: from, frames: from * 60, phaseMs, jitterMs }), to);

        expectConstantRate(ticks, to);
        expect(placed / ticks.length).toBeGreaterThanOrEqual(jitterMs === 0 ? 0.998 : 0.98);
        expect(Math.max(...leads.map(Math.abs))).toBeLessThanOrEqual(1);
      }
    }
  });

  it('takes every second frame of a source twice as fast, so that movement stays even', () => {
    for (const phaseMs of phasesMs) {
      const { leads } = place(ptsOf({ fps: 60, frames: 1200, phaseMs, jitterMs: 2 }), 30);

      const settled = leads.slice(60);
      expect(Math.max(...settled) - Math.min(...settled)).toBeLessThan(0.35);
    }
  });
});

describe('output grid, lip sync', () => {
  it.each([
    { from: 25, to: 50 },
    { from: 15, to: 30 },
    { from: 10, to: 30 },
    { from: 25, to: 30 },
    { from: 25, to: 20 },
    { from: 25, to: 15 },
    { from: 25, to: 10 },
    { from: 60, to: 25 },
  ])('shows a source of another rate neither early nor late: $from -> $to', ({ from, to }) => {
    for (const jitterMs of [0, 100 / to]) {
      const leads = phasesMs.flatMap((phaseMs) =>
        place(ptsOf({ fps: from, frames: from * 60, phaseMs: (phaseMs * 30) / to, jitterMs }), to).leads.slice(10),
      );

      expect(Math.max(...leads.map(Math.abs))).toBeLessThanOrEqual(0.86);
      expect(Math.abs(leads.reduce((sum, lead) => sum + lead, 0) / leads.length)).toBeLessThanOrEqual(0.2);
    }
  });

  it.each([
    { from: 25, to: 50 },
    { from: 15, to: 30 },
    { from: 10, to: 30 },
  ])('repeats each frame of a slower source equally often, whatever its phase: $from -> $to', ({ from, to }) => {
    for (const phaseMs of phasesMs) {
      const { ticks, leads, repeats } = place(ptsOf({ fps: from, frames: from * 20, phaseMs, jitterMs: 100 / to }), to);

      const settled = leads.slice(20);
      expect(Math.max(...settled) - Math.min(...settled)).toBeLessThan(0.35);
      expect(Math.abs(repeats - (1 - from / to) * ticks.length)).toBeLessThanOrEqual(to / from + 1);
    }
  });
});

describe('output grid, uneven sources', () => {
  it('stays constant and near the PTS at a variable rate', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = seededRandom(seed);
      let pts = 500;
      const times = Array.from({ length: 2000 }, () => (pts += 5 + random() ** 3 * 250));

      const { ticks, leads } = place(times, 30);

      expectConstantRate(ticks, 30);
      expect(Math.max(...leads.map(Math.abs))).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it('fills a gap and a forward jump, and is at full rate right after', () => {
    const before = ptsOf({ fps: 30, frames: 90 });
    const after = ptsOf({ fps: 30, frames: 90, phaseMs: 13_011 });

    const { ticks, repeats, skips } = place([...before, ...after], 30);

    expectConstantRate(ticks, 30);
    expect(skips).toBe(0);
    expect(Math.abs(repeats - (13_011 - 3000) / (1000 / 30))).toBeLessThanOrEqual(1);
  });

  it.each([1500, 1499, Number.NaN, Number.NEGATIVE_INFINITY])('skips a PTS that does not increase: %f', (pts) => {
    const grid = new OutputGrid({ fps: 30 });
    grid.offer(1500);

    expect(grid.offer(pts)).toBe('skip');
    expect(grid.offer(1533)).toMatchObject({ repeats: 0 });
  });
});
