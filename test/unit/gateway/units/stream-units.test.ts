import { describe, expect, it } from 'vitest';
import {
  StreamUnits,
  type SampledProcess,
  type SampledStream,
  type UseSample,
} from '#src/gateway/units/stream-units.js';

const STEP_S = 5;
const FULL = { cpu: 0.8, memory: 0.8, gpu: 0.8, decoder: 0.8 };
const CAPACITY = { units: 10, isMeasured: true, full: FULL, origin: 'measured' };
/** 10 units are 8 of 10 cores, or 8,000 of 10,000 MB. */
const MACHINE = { cores: 10, memoryMb: 10_000, capacity: CAPACITY };

const stream = (id: string, more: Partial<SampledStream> = {}): SampledStream => ({
  ...{ id, estimate: 1, isShowing: true, isOverloaded: false, isOnGpu: false },
  ...more,
});

interface Load {
  readonly cores: number;
  readonly memoryMb?: number;
  readonly streams: readonly SampledStream[];
}

/** Processes that take so many cores from `fromS` to `toS`. */
function run(units: StreamUnits, loads: readonly Load[], fromS: number, toS: number, gpu?: UseSample['gpu']): void {
  for (let nowS = fromS; nowS <= toS; nowS += STEP_S) {
    const processes = loads.map(({ cores, memoryMb = 100, streams }, pid): SampledProcess => ({
      pid,
      cpuS: cores * nowS,
      memoryMb,
      streams,
    }));
    units.add({ nowMs: nowS * 1000, processes, gpu });
  }
}

describe('what a stream takes', () => {
  it.each<readonly [string, Load, UseSample['gpu'], number]>([
    ['CPU', { cores: 1.6, streams: [stream('a')] }, undefined, 2],
    ['memory', { cores: 0.4, memoryMb: 2400, streams: [stream('a')] }, undefined, 3],
    ['GPU', { cores: 0.4, streams: [stream('a', { isOnGpu: true })] }, { gpu: 0.4, decoder: 0.1 }, 5],
    ['decoder', { cores: 0.4, streams: [stream('a', { isOnGpu: true })] }, { gpu: 0.1, decoder: 0.32 }, 4],
    ['GPU memory', { cores: 0.4, streams: [stream('a', { isOnGpu: true })] }, { gpu: 0.1, memory: 0.48 }, 6],
    ['no GPU where it does not work on one', { cores: 0.8, streams: [stream('a')] }, { gpu: 0.9 }, 1],
  ])('is its share of the fullest part: %s', (_what, load, gpu, expected) => {
    const units = new StreamUnits(MACHINE);

    run(units, [load], 0, 20, gpu);

    expect(units.unitsOf('a')).toBeCloseTo(expected, 1);
  });

  it('is shared by what is estimated where streams share a process, or a GPU', () => {
    const units = new StreamUnits(MACHINE);
    const large = stream('large', { estimate: 3 });

    run(units, [{ cores: 3.2, streams: [large, stream('small')] }], 0, 20);

    expect([units.unitsOf('large'), units.unitsOf('small')]).toEqual([3, 1]);
  });

  it('is not told before it was measured for long enough', () => {
    const units = new StreamUnits(MACHINE);
    const loads = [{ cores: 0.8, streams: [stream('a')] }];

    run(units, loads, 0, 5);
    const early = units.unitsOf('a');
    run(units, loads, 10, 10);

    expect([early, units.unitsOf('a')]).toEqual([undefined, 1]);
  });

  it('leaves out how a stream begins, and keeps what it took while its camera is away', () => {
    const units = new StreamUnits(MACHINE);
    const dark = stream('a', { isShowing: false });

    run(units, [{ cores: 8, streams: [dark] }], 0, 10);
    const before = units.unitsOf('a');
    run(units, [{ cores: 8, streams: [stream('a')] }], 15, 15);
    for (let nowS = 20; nowS <= 40; nowS += STEP_S) {
      const processes = [{ pid: 0, cpuS: 120 + 0.8 * (nowS - 15), memoryMb: 100, streams: [stream('a')] }];
      units.add({ nowMs: nowS * 1000, processes });
    }
    const shown = units.unitsOf('a');
    for (let nowS = 45; nowS <= 300; nowS += STEP_S) {
      units.add({ nowMs: nowS * 1000, processes: [{ pid: 0, cpuS: 140, memoryMb: 10, streams: [dark] }] });
    }

    expect([before, shown, units.unitsOf('a')]).toEqual([undefined, 1, 1]);
  });

  it('follows slowly, and starts anew with another configuration', () => {
    const units = new StreamUnits(MACHINE);
    const of = (nowS: number, cpuS: number, estimate: number): void =>
      units.add({
        nowMs: nowS * 1000,
        processes: [{ pid: 0, cpuS, memoryMb: 1, streams: [stream('a', { estimate })] }],
      });
    let cpuS = 0;
    const load = (fromS: number, toS: number, cores: number, estimate = 1): number => {
      for (let nowS = fromS; nowS <= toS; nowS += STEP_S) of(nowS, (cpuS += cores * STEP_S), estimate);
      return units.unitsOf('a') ?? Number.NaN;
    };

    const steady = load(0, 60, 0.8);
    const peak = load(65, 70, 4);
    const after = load(75, 300, 0.8);
    load(305, 310, 4);
    const changed = load(315, 320, 1.6, 2);

    expect(steady).toBeCloseTo(1, 1);
    expect(peak).toBeGreaterThan(1.5);
    expect(peak).toBeLessThan(3);
    expect(after).toBeCloseTo(1, 1);
    expect(changed).toBeCloseTo(2, 1);
  });

  it('is nothing less than estimated where the machine was not measured, and more where that is full', () => {
    const units = new StreamUnits({ ...MACHINE, capacity: { ...CAPACITY, isMeasured: false } });

    run(
      units,
      [
        { cores: 0.1, streams: [stream('light')] },
        { cores: 2.4, streams: [stream('heavy')] },
      ],
      0,
      20,
    );

    expect([units.unitsOf('light'), units.unitsOf('heavy')]).toEqual([1, 3]);
  });

  it('does not fall while the stream leaves out pictures, because it takes less then than it needs', () => {
    const units = new StreamUnits(MACHINE);
    const of = (id: string, isOverloaded: boolean): SampledStream => stream(id, { isOverloaded });
    const at = (nowS: number, known: number, isOverloaded: boolean): void => {
      const streams = [of('known', isOverloaded), of('new', isOverloaded)];
      const cpuS = [known, 0.1 * nowS];
      const processes = streams.map((each, pid) => ({ pid, cpuS: cpuS[pid]!, memoryMb: 1, streams: [each] }));
      units.add({ nowMs: nowS * 1000, processes });
    };
    for (let nowS = 0; nowS <= 60; nowS += STEP_S) at(nowS, 1.6 * nowS, false);
    const before = units.unitsOf('known');

    for (let nowS = 65; nowS <= 300; nowS += STEP_S) at(nowS, 96 + 0.4 * (nowS - 60), true);

    expect([before, units.unitsOf('known')]).toEqual([2, 2]);
    expect(units.unitsOf('new')).toBeCloseTo(1, 2);
  });

  it('is told beside what the gateway itself takes', () => {
    const units = new StreamUnits(MACHINE);

    run(
      units,
      [
        { cores: 0.4, streams: [] },
        { cores: 1.2, streams: [] },
        { cores: 0.8, streams: [stream('a')] },
      ],
      0,
      20,
    );

    expect([units.beside, units.unitsOf('a')]).toEqual([2, 1]);
  });
});
