import { describe, expect, it } from 'vitest';
import { KeyframePacer } from '#src/stream/stages/encode/keyframe-pacer.js';

const FRAME_MS = 40;
const GOP_MS = 2000;

/** An encoder with a keyframe each GOP after the last one; gives the PTS of all its keyframes. */
function encode(seconds: number, requestsMs: readonly number[], minDistanceMs: number): number[] {
  const pacer = new KeyframePacer();
  const keyframesMs: number[] = [];
  let newestPtsMs: number | undefined;
  for (let ptsMs = 0; ptsMs < seconds * 1000; ptsMs += FRAME_MS) {
    if (requestsMs.some((atMs) => atMs > ptsMs - FRAME_MS && atMs <= ptsMs)) pacer.request(minDistanceMs);
    pacer.observe(keyframesMs.length, newestPtsMs);
    const lastMs = keyframesMs.at(-1);
    if (pacer.isDue() || lastMs === undefined || ptsMs - lastMs >= GOP_MS) keyframesMs.push(ptsMs);
    newestPtsMs = ptsMs;
  }
  return keyframesMs;
}

const distances = (timesMs: readonly number[]): number[] =>
  timesMs.slice(1).map((timeMs, index) => timeMs - (timesMs[index] ?? 0));

describe('KeyframePacer', () => {
  it('forces nothing without a request', () => {
    expect(distances(encode(10, [], GOP_MS / 2))).toEqual([2000, 2000, 2000, 2000]);
  });

  it.each([
    ['late in a group: at once', 1500, 1520],
    ['in its second half: at once', 1040, 1040],
    ['early in a group: at half of it', 300, 1040],
  ])('grants a request %s', (_name, atMs, expectedMs) => {
    expect(encode(3, [atMs], GOP_MS / 2)[1]).toBe(expectedMs);
  });

  it('keeps keyframes half a group apart, however many ask', () => {
    const requestsMs = Array.from({ length: 200 }, (_, index) => (index * 7919) % 60_000);

    const apartMs = distances(encode(60, requestsMs, GOP_MS / 2));

    expect(Math.min(...apartMs)).toBeGreaterThanOrEqual(GOP_MS / 2);
    expect(Math.max(...apartMs)).toBeLessThanOrEqual(GOP_MS);
  });

  it('grants at once what may be close', () => {
    expect(encode(3, [400], 0)[1]).toBe(400);
  });

  it('counts from what was encoded, not from what waits for the encoder', () => {
    const pacer = new KeyframePacer();
    pacer.observe(1, 0);
    pacer.request(1000);
    pacer.observe(1, 900);

    expect(pacer.isDue()).toBe(false);
  });

  it('goes on with an encoder that counts from the beginning', () => {
    const pacer = new KeyframePacer();
    pacer.observe(7, 10_000);
    pacer.observe(1, 12_000);
    pacer.request(1000);

    const isDueAt = (newestPtsMs: number): boolean => {
      pacer.observe(1, newestPtsMs);
      return pacer.isDue();
    };
    expect([12_500, 13_000, 13_040].map(isDueAt)).toEqual([false, true, false]);
  });
});
