import { describe, expect, it } from 'vitest';
import { areApart, areSlotsRight, isPictureRight, isVisible, play, share, type Moment } from './scene-play.js';
import { SCENES } from './scenes.js';

const SEEDS = [1, 2, 3, 4, 5];

/** How often two people who both have a tile change tiles with each other. */
const exchanges = (run: readonly Moment[]): number =>
  run.slice(1).filter(({ slots }, index) => {
    const before = run[index]!.slots;
    return slots.every((id) => id !== undefined) && String(slots) === String([...before].reverse());
  }).length;

describe('the right person in the right tile', () => {
  it.each(SCENES)('$name', ({ flips, ...wanted }) => {
    const runs = SEEDS.map((seed) => play(wanted, seed));

    const asked = runs.flatMap((run) => run.filter(({ truth }) => truth.every(isVisible) && areApart(truth)));
    const slots = share(asked.map(areSlotsRight));
    const pictures = share(asked.map(isPictureRight));
    console.log(
      `${wanted.name}: right slots ${(slots * 100).toFixed(2)} %, right picture ${(pictures * 100).toFixed(2)} % of ${asked.length} frames`,
    );
    expect(slots).toBeGreaterThanOrEqual(0.99);
    // A picture takes half of a change of layout to show whoever comes back.
    expect(pictures).toBeGreaterThanOrEqual(0.97);
    for (const run of runs) expect(exchanges(run)).toBe(flips);
  });
});
