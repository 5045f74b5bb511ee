import { describe, expect, it } from 'vitest';
import { PersonRecord } from '#src/stream/stages/assign/person-record.js';
import { havePassed, leadOf } from '#src/stream/stages/assign/side-order.js';
import { makeTrack, width } from './slotted.js';

/** A person of 0.09 of the picture's width, last detected at `seenS`. */
const personAt = (id: number, x: number, seenS = 1): PersonRecord =>
  new PersonRecord(makeTrack({ id, x, seenS }, 1), width);

describe('leadOf', () => {
  it.each([
    { name: 'in order', left: personAt(1, 300), right: personAt(2, 700), lead: 0.4 },
    { name: 'reversed', left: personAt(1, 700), right: personAt(2, 300), lead: -0.4 },
    { name: 'one seen just now', left: personAt(1, 300, 0.71), right: personAt(2, 700), lead: 0.4 },
  ])('is the distance to the right: $name', ({ left, right, lead }) => {
    expect(leadOf(left, right, 1)).toBeCloseTo(lead, 9);
  });

  it('is not a number where one is out of sight', () => {
    expect(leadOf(personAt(1, 300, 0.69), personAt(2, 700), 1)).toBeNaN();
  });
});

describe('havePassed', () => {
  it.each([
    { name: 'in order', rightX: 700, margin: 0.01, expected: false },
    { name: 'reversed by less than half a box', rightX: 456, margin: 0.01, expected: false },
    { name: 'reversed by more', rightX: 454, margin: 0.01, expected: true },
    { name: 'reversed by less than the margin', rightX: 410, margin: 0.1, expected: false },
  ])('needs positions reversed by half a box and the margin: $name', ({ rightX, margin, expected }) => {
    expect(havePassed(personAt(1, 500), personAt(2, rightX), 1, margin)).toBe(expected);
  });

  it.each([
    { name: 'with each other', other: 2, atS: 0.5, expected: false },
    { name: 'with each other, long ago', other: 2, atS: 0.1, expected: true },
    { name: 'with another one', other: 3, atS: 0.5, expected: true },
  ])('does not come right after a change of sides: $name', ({ other, atS, expected }) => {
    const left = personAt(1, 700);
    left.changedSides = { with: other, atS };

    expect(havePassed(left, personAt(2, 300), 1, 0.05)).toBe(expected);
  });
});
