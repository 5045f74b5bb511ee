import { expect, it } from 'vitest';
import { frameRows } from '#src/bench/frame-rows.js';

const sample = (cpuMs: number, waitedMs = 0, sleeps = 0) => ({ cpuMs, waitedMs, sleeps });

it('tells what threads did for a frame between two readings, what works most first', () => {
  const before = new Map([
    ['main', sample(100, 10, 1000)],
    ['decoder', sample(50)],
    ['idle', sample(7)],
  ]);
  const after = new Map([
    ['main', sample(130, 12.5, 1100)],
    ['decoder', sample(100)],
    ['idle', sample(7.05)],
    ['new', sample(1.5)],
  ]);

  expect(frameRows('stream', before, after, 10)).toEqual([
    { process: 'stream', thread: 'decoder', cpuMs: 5, waitedMs: 0, wakeUps: 0 },
    { process: 'stream', thread: 'main', cpuMs: 3, waitedMs: 0.25, wakeUps: 10 },
    { process: 'stream', thread: 'new', cpuMs: 0.15, waitedMs: 0, wakeUps: 0 },
  ]);
});

it('takes nothing off where threads have ended', () => {
  const rows = frameRows('stream', new Map([['pool', sample(100)]]), new Map([['pool', sample(60, 0, 5)]]), 1);

  expect(rows).toEqual([]);
});
