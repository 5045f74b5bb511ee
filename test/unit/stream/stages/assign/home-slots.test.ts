import { describe, expect, it } from 'vitest';
import { HomeSlots } from '#src/stream/stages/assign/home-slots.js';

describe('HomeSlots', () => {
  it('remembers the latest slot of each person', () => {
    const homes = new HomeSlots();

    homes.remember([1, 2]);
    homes.remember([2, undefined]);

    expect([homes.of(1), homes.of(2), homes.of(3)]).toEqual([0, 0, undefined]);
  });

  it('forgets the oldest of more than 64 people', () => {
    const homes = new HomeSlots();

    for (let id = 1; id <= 65; id += 1) homes.remember([id]);

    expect([homes.of(1), homes.of(2), homes.of(65)]).toEqual([undefined, 0, 0]);
  });
});
