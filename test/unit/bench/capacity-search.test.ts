import { describe, expect, it } from 'vitest';
import {
  heldStreams,
  heldUnits,
  isHeld,
  limitOf,
  nextStreams,
  type CapacityTrial,
} from '#src/bench/capacity-search.js';
import type { LoadedStream } from '#src/bench/load.js';

/** All that are tried on a machine that holds so many. */
function search(capacity: number, most = 256): { readonly held: number; readonly tried: readonly number[] } {
  const trials: CapacityTrial[] = [];
  for (let streams = nextStreams(trials, most); streams !== undefined; streams = nextStreams(trials, most)) {
    trials.push({ streams, isHeld: streams <= capacity });
  }
  return { held: heldStreams(trials), tried: trials.map(({ streams }) => streams) };
}

describe('the search for the capacity of a machine', () => {
  it.each([
    { capacity: 0, tried: [1], held: 0 },
    { capacity: 1, tried: [1, 2], held: 1 },
    { capacity: 3, tried: [1, 2, 4, 3], held: 3 },
    { capacity: 5, tried: [1, 2, 4, 8, 6, 5], held: 5 },
  ])('tries $tried where $capacity are held', ({ capacity, tried, held }) => {
    expect(search(capacity)).toEqual({ held, tried });
  });

  it.each(Array.from({ length: 200 }, (_, index) => index))(
    'finds %i within a twentieth, and never more',
    (capacity) => {
      const { held, tried } = search(capacity);

      expect(held).toBeLessThanOrEqual(capacity);
      expect(capacity - held).toBeLessThanOrEqual(Math.max(0, 0.05 * held));
      expect(new Set(tried).size).toBe(tried.length);
    },
  );

  it('never tries more than it may', () => {
    expect(search(1000, 24)).toEqual({ held: 24, tried: [1, 2, 4, 8, 16, 24] });
  });

  it('believes the fewest that were too many, not a larger number that was held by chance', () => {
    const trials = [
      { streams: 2, isHeld: true },
      { streams: 4, isHeld: false },
      { streams: 8, isHeld: true },
    ];

    expect([heldStreams(trials), nextStreams(trials, 64)]).toEqual([2, 3]);
  });
});

describe('whether streams are held', () => {
  const stream = (more: Partial<LoadedStream> = {}): LoadedStream => ({
    ...{ state: 'live', inFps: 30, outFps: 30, newFps: 30, detectionsPerS: 15, latencyMs: {} },
    ...more,
  });

  it.each([
    { name: 'all pictures in time', streams: [stream(), stream({ newFps: 29.5 })], worstP95Ms: 300, held: true },
    { name: 'late', streams: [stream()], worstP95Ms: 301, held: false },
    { name: 'fewer pictures', streams: [stream(), stream({ newFps: 29.3 })], worstP95Ms: 40, held: false },
    { name: 'overloaded', streams: [stream({ state: 'overloaded' })], worstP95Ms: 40, held: false },
  ])('$name: $held', ({ streams, worstP95Ms, held }) => {
    expect(isHeld({ streams, worstP95Ms }, { fps: 30 })).toBe(held);
  });
});

describe('what is full first', () => {
  it.each([
    [{ cpu: 0.97, mainThread: 0.5 }, '97 % of all processor cores are busy'],
    [
      { cpu: 0.2, mainThread: 0.93, gpu: 0.4, decoder: 0.37 },
      'the main thread of a stream process is busy for 93 % of the time',
    ],
    [{ cpu: 0.2, mainThread: 0.3, gpu: 0.9 }, 'the GPU is busy for 90 % of the time'],
    [{ cpu: 0.2, mainThread: 0.3, gpu: 0.6, decoder: 0.99 }, "the GPU's video decoder is busy for 99 % of the time"],
    [{ cpu: 0.5, mainThread: 0.3 }, 'nothing is full; most of all 50 % of all processor cores are busy'],
  ])('%o', (use, text) => {
    expect(limitOf(use)).toBe(text);
  });
});

describe('the units of a machine', () => {
  const FULL = { cpu: 0.97, mainThread: 0.3 };
  it.each([
    ['as many as streams where nothing was too many', 4, { cpu: 0.3, memory: 0.1 }, undefined, 4],
    ['a part of one more where a part of the machine is full with that', 2, { cpu: 0.68, memory: 0.1 }, FULL, 2.5],
    ['never a whole one more', 1, { cpu: 0.3, memory: 0.1 }, FULL, 1.9],
    ['no less than was held', 2, { cpu: 0.93, memory: 0.1 }, FULL, 2],
    ['no part where it is not known what limits', 2, { cpu: 0.3, memory: 0.1 }, { cpu: 0.5, mainThread: 0.6 }, 2],
    ['none where not one is held', 0, { cpu: 0.9, memory: 0.1 }, FULL, 0],
  ])('are %s', (_what, held, own, tooMany, units) => {
    expect(heldUnits(held, own, tooMany)).toBeCloseTo(units, 2);
  });
});
