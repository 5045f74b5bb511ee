import { describe, expect, it } from 'vitest';
import { Backoff } from '#src/shared/retry/backoff.js';

const almostOne = (): number => 1 - Number.EPSILON;

describe('back-off', () => {
  it('doubles the bound with every failure up to the cap', () => {
    const backoff = new Backoff({ baseMs: 100, capMs: 1000, random: almostOne });

    const delays = Array.from({ length: 6 }, () => Math.round(backoff.nextDelayMs()));

    expect(delays).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('spreads delays evenly between the floor and the bound', () => {
    let index = 0;
    const values = [0, 0.25, 0.5, 0.75];
    const backoff = new Backoff({ baseMs: 8000, capMs: 8000, floorMs: 50, random: () => values[index++]! });

    expect(values.map(() => backoff.nextDelayMs())).toEqual([50, 2000, 4000, 6000]);
  });

  it('stays at the cap after very many failures', () => {
    const backoff = new Backoff({ baseMs: 100, capMs: 5000, random: almostOne });

    for (let failure = 0; failure < 5000; failure += 1) backoff.nextDelayMs();

    expect(backoff.nextDelayMs()).toBeCloseTo(5000);
  });

  it.each([
    { ranMs: 9999, expected: 800 },
    { ranMs: 10_000, expected: 100 },
  ])('starts over after a healthy run: $ranMs ms', ({ ranMs, expected }) => {
    const backoff = new Backoff({ baseMs: 100, healthyAfterS: 10, random: almostOne });
    for (let failure = 0; failure < 3; failure += 1) backoff.nextDelayMs(0);

    expect(backoff.nextDelayMs(ranMs)).toBeCloseTo(expected);
  });

  it('tries at once after the first failure where it is told to, and after that as otherwise', () => {
    const backoff = new Backoff({ baseMs: 100, capMs: 300, healthyAfterS: 10, isFirstAtOnce: true, random: almostOne });

    const delays = [0, 0, 0, 0, 10_000, 0].map((workedMs) => Math.round(backoff.nextDelayMs(workedMs)));

    expect(delays).toEqual([0, 100, 200, 300, 0, 100]);
  });

  it('waits for the first failures alike where it is told to', () => {
    const backoff = new Backoff({ baseMs: 100, capMs: 300, quickFailures: 2, random: almostOne });

    const delays = [0, 0, 0, 0, 0].map(() => Math.round(backoff.nextDelayMs(0)));

    expect(delays).toEqual([100, 100, 100, 200, 300]);
  });

  it('draws from Math.random where nothing else is given', () => {
    const backoff = new Backoff();

    const delayMs = backoff.nextDelayMs();

    expect(delayMs).toBeGreaterThanOrEqual(50);
    expect(delayMs).toBeLessThanOrEqual(500);
  });
});
