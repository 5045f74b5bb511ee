import { describe, expect, it } from 'vitest';
import { coverageOf, ambiguityOf, type TrackPosition } from '#src/stream/stages/reid/ambiguity.js';

const boxAt = (x: number) => ({ x, y: 0, width: 100, height: 100 });
const expectedAt = (x: number, detectionX?: number, stdPx = 8): TrackPosition => ({
  prediction: { box: boxAt(x), stdPx },
  ...(detectionX === undefined ? {} : { detectionBox: boxAt(detectionX) }),
});

describe('ambiguityOf', () => {
  it.each([
    { name: 'both where they were expected', own: expectedAt(0, 1), rival: expectedAt(100, 99), from: 0, to: 1e-6 },
    {
      name: 'each where the other was expected',
      own: expectedAt(0, 99),
      rival: expectedAt(100, 1),
      from: 0.999,
      to: 1,
    },
    { name: 'both at one position', own: expectedAt(0, 0), rival: expectedAt(0, 0), from: 0.5, to: 0.5 },
    { name: 'one seen, where it was expected', own: expectedAt(0, 0), rival: expectedAt(50), from: 0, to: 1e-6 },
    {
      name: 'one seen, where the other was expected',
      own: expectedAt(0, 50),
      rival: expectedAt(50),
      from: 0.29,
      to: 0.3,
    },
    {
      name: 'the other one out of sight for long',
      own: expectedAt(0, 0),
      rival: expectedAt(30, undefined, 60),
      from: 0,
      to: 0.01,
    },
    { name: 'not seen itself', own: expectedAt(0), rival: expectedAt(0, 0), from: 0, to: 0 },
  ])('depends on positions alone: $name', ({ own, rival, from, to }) => {
    const ambiguity = ambiguityOf(own, rival);

    expect(ambiguity).toBeGreaterThanOrEqual(from);
    expect(ambiguity).toBeLessThanOrEqual(to);
  });
});

describe('coverageOf', () => {
  it.each([
    { name: 'apart', a: boxAt(0), b: boxAt(200), contact: 0 },
    { name: 'half covered', a: boxAt(0), b: boxAt(50), contact: 0.5 },
    { name: 'inside a larger one', a: { x: 10, y: 10, width: 20, height: 20 }, b: boxAt(0), contact: 1 },
    { name: 'without size', a: { x: 0, y: 0, width: 0, height: 10 }, b: boxAt(0), contact: 0 },
  ])('is a share of the smaller box: $name', ({ a, b, contact }) => {
    expect(coverageOf(a, b)).toBeCloseTo(contact, 9);
  });
});
