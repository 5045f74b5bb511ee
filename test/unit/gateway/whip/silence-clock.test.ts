import { expect, it } from 'vitest';
import { SilenceClock } from '#src/gateway/whip/silence-clock.js';

it('tells for how long a counter has not risen', () => {
  const clock = new SilenceClock(1000);

  const silences = [
    [0, 1000],
    [0, 1500],
    [7, 2000],
    [7, 5000],
    [8, 6000],
  ].map(([count = 0, nowMs = 0]) => clock.next(count, nowMs));

  expect(silences).toEqual([0, 500, 0, 3000, 0]);
});
