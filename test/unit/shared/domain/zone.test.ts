import { describe, expect, it } from 'vitest';
import { isInZone, zoneMistake, type Zone } from '#src/shared/domain/zone.js';

const LEFT_HALF: Zone = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [0, 1],
];
/** Like a letter U: open at the top. */
const U: Zone = [
  [0, 0],
  [0.3, 0],
  [0.3, 0.7],
  [0.7, 0.7],
  [0.7, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

describe('isInZone', () => {
  it.each([
    { zone: LEFT_HALF, at: { x: 0.2, y: 0.5 }, isInside: true },
    { zone: LEFT_HALF, at: { x: 0.6, y: 0.5 }, isInside: false },
    { zone: LEFT_HALF, at: { x: 0.2, y: -0.1 }, isInside: false },
    { zone: U, at: { x: 0.5, y: 0.3 }, isInside: false },
    { zone: U, at: { x: 0.5, y: 0.9 }, isInside: true },
    { zone: U, at: { x: 0.1, y: 0.1 }, isInside: true },
  ])('$at: $isInside', ({ zone, at, isInside }) => {
    expect(isInZone(at, zone)).toBe(isInside);
    expect(isInZone(at, zone.toReversed())).toBe(isInside);
  });
});

describe('zoneMistake', () => {
  it.each<{ name: string; zone: Zone; mistake: RegExp | undefined }>([
    { name: 'a rectangle', zone: LEFT_HALF, mistake: undefined },
    { name: 'one with a notch', zone: U, mistake: undefined },
    { name: 'nothing', zone: [], mistake: /at least 3 corners, this one has 0/ },
    { name: 'a line', zone: LEFT_HALF.slice(0, 2), mistake: /at least 3 corners, this one has 2/ },
    {
      name: 'pixels',
      zone: [
        [0, 0],
        [640, 0],
        [640, 480],
      ],
      mistake: /corner 2 lies outside the picture/,
    },
    {
      name: 'an hourglass',
      zone: [
        [0, 0],
        [1, 1],
        [1, 0],
        [0, 1],
      ],
      mistake: /sides 1 and 3 cross/,
    },
    {
      name: 'there and back',
      zone: [
        [0, 0],
        [1, 0],
        [0.5, 0],
        [0.2, 0],
      ],
      mistake: /sides 1 and 3 cross or touch/,
    },
    {
      name: 'three corners in a row',
      zone: [
        [0, 0],
        [0.5, 0.5],
        [1, 1],
      ],
      mistake: /no area/,
    },
    {
      name: 'no numbers',
      zone: [
        [0, 0],
        [Number.NaN, 0],
        [1, 1],
      ],
      mistake: /corner 2 lies outside/,
    },
  ])('$name', ({ zone, mistake }) => {
    if (mistake) expect(zoneMistake(zone)).toMatch(mistake);
    else expect(zoneMistake(zone)).toBeUndefined();
  });
});
