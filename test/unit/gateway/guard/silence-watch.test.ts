import { describe, expect, it } from 'vitest';
import { SilenceWatch } from '#src/gateway/guard/silence-watch.js';

const LIMITS = { stalledAfterMs: 1500, hungAfterMs: 4000 };

describe('silence', () => {
  it.each([
    [0, 'answers'],
    [5, 'answers'],
    [6, 'stalled'],
    [15, 'stalled'],
    [16, 'hung'],
  ])('of %i ticks of 250 ms means: %s', (ticks, meaning) => {
    const watch = new SilenceWatch();

    for (let tick = 0; tick < ticks; tick++) watch.tick();

    expect(watch.judge(LIMITS)).toBe(meaning);
  });

  it('ends with a sign of life', () => {
    const watch = new SilenceWatch();
    for (let tick = 0; tick < 15; tick++) watch.tick();

    watch.heard();
    watch.tick();

    expect(watch.judge(LIMITS)).toBe('answers');
  });
});
