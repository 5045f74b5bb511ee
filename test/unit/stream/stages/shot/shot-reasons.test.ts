import { expect, it } from 'vitest';
import { during, playEvery, stay, walk, type Person } from './played-shots.js';

it.each<{ name: string; people: readonly Person[]; reasons: readonly (readonly [number, string])[] }>([
  {
    name: 'two who are found a moment after the picture',
    people: [
      { id: 1, at: during(stay(400), 0.3, 20) },
      { id: 2, at: during(stay(1500), 0.3, 20) },
    ],
    reasons: [
      [0.1, 'wide nobody'],
      [0.5, 'wide too_soon'],
      [1.9, 'wide too_soon'],
      [2.1, 'split apart'],
    ],
  },
  {
    name: 'a second person soon after the first one',
    people: [
      { id: 1, at: stay(400) },
      { id: 2, at: during(stay(1500), 0.5, 20) },
    ],
    reasons: [
      [0.3, 'single alone'],
      [1, 'single too_soon'],
      [2.1, 'split apart'],
    ],
  },
  {
    name: 'two who meet for a moment',
    people: [
      { id: 1, at: (tS) => (tS < 3.5 ? walk(400, 850, 2.5, 3.2)(tS) : walk(850, 400, 3.5, 4.2)(tS)) },
      { id: 2, at: (tS) => (tS < 3.5 ? walk(1500, 1050, 2.5, 3.2)(tS) : walk(1050, 1500, 3.5, 4.2)(tS)) },
    ],
    reasons: [
      [2.4, 'split apart'],
      [3.3, 'together same_person'],
      [4.1, 'together close'],
      [4.6, 'together too_soon'],
      [6, 'split apart'],
    ],
  },
  {
    name: 'somebody who comes in and stops at once',
    people: [
      { id: 1, at: stay(600) },
      { id: 2, at: during(walk(1850, 1700, 4, 4.2), 4, 20) },
    ],
    reasons: [
      [3.9, 'single alone'],
      [4.3, 'wide entering'],
      [5.5, 'wide too_soon'],
      [6.2, 'split apart'],
    ],
  },
])('says at every moment why: $name', ({ people, reasons }) => {
  const said = reasons.map(([tS]) => {
    const { kind, reason } = playEvery(people, tS).at(-1)!;
    return [tS, `${kind} ${reason}`];
  });

  expect(said).toEqual(reasons);
});
