import { expect, it } from 'vitest';
import { ShareByLag } from '#src/stream/domain/share-by-lag.js';

const LIMITS = [
  { quantile: 0.5, mostMs: 100 },
  { quantile: 0.9, mostMs: 300 },
] as const;

/** Ten pictures a second for `seconds`, with these delays, ms, one after the other and again. */
function play(share: ShareByLag, seconds: number, lagsMs: readonly number[], startS = 0): number {
  for (let i = 0; i <= seconds * 10; i += 1) share.measured(lagsMs[i % lagsMs.length] ?? 0, startS * 1000 + i * 100);
  return share.share;
}

const made = (): ShareByLag => new ShareByLag({ limits: LIMITS, least: 0.2, decrease: 0.5, increase: 0.1 });

it.each([
  ['all of it while the delay is small', [20], 1],
  ['half of it after a second with a large median', [120], 0.5],
  ['half of it after a second in which two of ten are very late', [20, 20, 20, 20, 400], 0.5],
  ['all of it where one of eleven is very late', [20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 400], 1],
  ['all of it where the delay is neither large nor small', [80], 1],
] as const)('does %s', (_what, lagsMs, share) => {
  expect(play(made(), 1, lagsMs)).toBe(share);
});

it('never does less than the least', () => {
  expect(play(made(), 20, [1000])).toBe(0.2);
});

it('adds a tenth of the whole for each second with little delay, and nothing in between', () => {
  const share = made();
  play(share, 1, [1000]);

  const between = play(share, 3, [80], 2);
  const later = play(share, 3, [20], 6);
  const atLast = play(share, 10, [20], 10);

  expect(between).toBe(0.5);
  expect(later).toBeGreaterThan(0.6);
  expect(later).toBeLessThan(1);
  expect(atLast).toBe(1);
});
