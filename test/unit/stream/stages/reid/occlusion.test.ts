import { describe, expect, it } from 'vitest';
import {
  clearOcclusions,
  currentBox,
  isAbandoned,
  markOcclusions,
  occludersOf,
} from '#src/stream/stages/reid/occlusion.js';
import { boxAt, identityAt, named } from './identities.js';

describe('occlusion', () => {
  it('is noted of a person lost beside another, until that person is confirmed in sight', () => {
    const front = named(identityAt({ x: 0 }));
    const rear = named(identityAt({ id: 2, x: 40, isLost: true }));
    const far = named(identityAt({ id: 3, x: 900 }));
    const all = [front, rear, far];

    markOcclusions(all);
    expect(occludersOf(rear, all)).toEqual([front]);
    expect(far.occluded.size).toBe(0);

    rear.isVisible = true;
    rear.isUnresolved = true;
    clearOcclusions(all, 0);
    expect(front.occluded.size).toBe(1);

    rear.isUnresolved = false;
    clearOcclusions(all, 0);
    expect(front.occluded.size).toBe(0);
  });

  it.each([
    { ptsMs: 8_000, count: 1 },
    { ptsMs: 8_001, count: 0 },
  ])('is forgotten after eight seconds: at $ptsMs ms', ({ ptsMs, count }) => {
    const front = named(identityAt({ x: 0 }));
    const rear = named(identityAt({ id: 2, x: 40, isLost: true }));
    markOcclusions([front, rear]);

    clearOcclusions([front, rear], ptsMs);

    expect(front.occluded.size).toBe(count);
  });

  it('has no occluder where the track has no identity', () => {
    expect(occludersOf(identityAt({ x: 0 }), [named(identityAt({ x: 0 }))])).toEqual([]);
  });
});

describe('isAbandoned', () => {
  it.each([
    { name: 'in sight', identity: identityAt({ x: 0 }), expected: false },
    { name: 'lost, with an identity', identity: named(identityAt({ x: 0, isLost: true })), expected: false },
    { name: 'lost, without one', identity: identityAt({ x: 0, isLost: true }), expected: true },
  ])('is true of a lost track whose identity went to another: $name', ({ identity, expected }) => {
    expect(isAbandoned(identity)).toBe(expected);
  });
});

describe('currentBox', () => {
  it.each([
    { name: 'the detection of a track in sight', isLost: false, x: 10 },
    { name: 'the prediction of a lost one', isLost: true, x: 0 },
  ])('is $name', ({ isLost, x }) => {
    const identity = identityAt({ x: 0, isLost });
    identity.detectionBox = boxAt(10);

    expect(currentBox(identity).x).toBe(x);
  });
});
