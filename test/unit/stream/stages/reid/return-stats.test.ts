import { describe, expect, it } from 'vitest';
import { ReturnStats } from '#src/stream/stages/reid/return-stats.js';

const after = (...outcomes: boolean[]): ReturnStats => {
  const stats = new ReturnStats();
  for (const wasSame of outcomes) stats.record(wasSame);
  return stats;
};

describe('ReturnStats', () => {
  it.each([
    { name: 'nothing known', outcomes: [], harmlessRatio: 0 },
    { name: 'three harmless ones', outcomes: [true, true, true], harmlessRatio: 0.5 },
    { name: 'a stranger among them', outcomes: [true, false, true, true], harmlessRatio: 1 / 3 },
    { name: 'only strangers', outcomes: [false, false], harmlessRatio: 0 },
  ])('learns from earlier returns: $name', ({ outcomes, harmlessRatio }) => {
    expect(after(...outcomes).harmlessRatio).toBeCloseTo(harmlessRatio, 9);
  });

  it('forgets old returns', () => {
    const stats = after(true, true, true, true, true, true);
    const before = stats.harmlessRatio;

    stats.decay(60);

    expect(stats.harmlessRatio).toBeLessThan(0.4 * before);
  });
});
