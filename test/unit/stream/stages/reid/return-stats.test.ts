import { describe, expect, it } from 'vitest';
import { ReturnTally } from '#src/stream/stages/reid/return-stats.js';

const after = (...outcomes: boolean[]): ReturnTally => {
  const tally = new ReturnTally();
  for (const wasSame of outcomes) tally.note(wasSame);
  return tally;
};

describe('ReturnTally', () => {
  it.each([
    { name: 'nothing known', outcomes: [], harmlessness: 0 },
    { name: 'three harmless ones', outcomes: [true, true, true], harmlessness: 0.5 },
    { name: 'a stranger among them', outcomes: [true, false, true, true], harmlessness: 1 / 3 },
    { name: 'only strangers', outcomes: [false, false], harmlessness: 0 },
  ])('learns from how returns turn out: $name', ({ outcomes, harmlessness }) => {
    expect(after(...outcomes).harmlessness).toBeCloseTo(harmlessness, 9);
  });

  it('forgets', () => {
    const tally = after(true, true, true, true, true, true);
    const before = tally.harmlessness;

    tally.pass(60);

    expect(tally.harmlessness).toBeLessThan(0.4 * before);
  });
});
