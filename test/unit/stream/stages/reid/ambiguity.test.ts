import { describe, expect, it } from 'vitest';
import { contactOf, rivalryOf, type Contender } from '#src/stream/stages/reid/ambiguity.js';

const boxAt = (x: number) => ({ x, y: 0, width: 100, height: 100 });
const expectedAt = (x: number, foundX?: number, stdPx = 8): Contender => ({
  prediction: { box: boxAt(x), stdPx },
  ...(foundX === undefined ? {} : { found: boxAt(foundX) }),
});

describe('rivalryOf', () => {
  it.each([
    { name: 'both where they were expected', own: expectedAt(0, 1), rival: expectedAt(100, 99), from: 0, to: 1e-6 },
    {
      name: 'each where the other was expected',
      own: expectedAt(0, 99),
      rival: expectedAt(100, 1),
      from: 0.999,
      to: 1,
    },
    { name: 'both on one spot', own: expectedAt(0, 0), rival: expectedAt(0, 0), from: 0.5, to: 0.5 },
    { name: 'one seen, where it was expected', own: expectedAt(0, 0), rival: expectedAt(50), from: 0, to: 1e-6 },
    {
      name: 'one seen, where the other was expected',
      own: expectedAt(0, 50),
      rival: expectedAt(50),
      from: 0.29,
      to: 0.3,
    },
    {
      name: 'the other one long out of sight',
      own: expectedAt(0, 0),
      rival: expectedAt(30, undefined, 60),
      from: 0,
      to: 0.01,
    },
    { name: 'not seen itself', own: expectedAt(0), rival: expectedAt(0, 0), from: 0, to: 0 },
  ])('judges by position: $name', ({ own, rival, from, to }) => {
    const rivalry = rivalryOf(own, rival);

    expect(rivalry).toBeGreaterThanOrEqual(from);
    expect(rivalry).toBeLessThanOrEqual(to);
  });
});

describe('contactOf', () => {
  it.each([
    { name: 'apart', a: boxAt(0), b: boxAt(200), contact: 0 },
    { name: 'half over', a: boxAt(0), b: boxAt(50), contact: 0.5 },
    { name: 'inside a larger one', a: { x: 10, y: 10, width: 20, height: 20 }, b: boxAt(0), contact: 1 },
    { name: 'without size', a: { x: 0, y: 0, width: 0, height: 10 }, b: boxAt(0), contact: 0 },
  ])('is a share of the smaller box: $name', ({ a, b, contact }) => {
    expect(contactOf(a, b)).toBeCloseTo(contact, 9);
  });
});
