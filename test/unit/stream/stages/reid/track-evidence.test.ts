import { describe, expect, it } from 'vitest';
import {
  cameraDrift,
  gapS,
  isConfusable,
  maxAmbiguity,
  updateJump,
  updateReliability,
  updateSurroundings,
} from '#src/stream/stages/reid/track-evidence.js';
import { boxAt, identityAt, named } from './identities.js';

describe('updateSurroundings', () => {
  it('notes who overlaps a track, and who did until now', () => {
    const identity = identityAt({ x: 0 });
    const other = named(identityAt({ id: 2, x: 60, isLost: true }));
    const set = { ptsMs: 0, detections: [{ box: boxAt(0), score: 0.9, kind: 'face' as const }] };

    updateSurroundings(set, [identity, other]);
    expect(identity).toMatchObject({ isOverlapped: true, hasSeparated: false, cropQuality: 1 });

    updateSurroundings(set, [identity, identityAt({ id: 2, x: 300, isLost: true })]);
    expect(identity).toMatchObject({ isOverlapped: false, hasSeparated: true });
  });
});

describe('gapS', () => {
  it.each([
    { name: 'never seen before', seenPtsMs: Number.NEGATIVE_INFINITY, gap: 0 },
    { name: 'seen in the set before', seenPtsMs: 960, gap: 0 },
    { name: 'missed in one set', seenPtsMs: 920, gap: 0.04 },
    { name: 'out of sight for long', seenPtsMs: 0, gap: 0.96 },
  ])('is the time without a detection: $name', ({ seenPtsMs, gap }) => {
    const identity = identityAt({ x: 0 });
    identity.seenPtsMs = seenPtsMs;

    expect(gapS(identity, 1000, 0.04)).toBeCloseTo(gap, 9);
  });
});

describe('maxAmbiguity', () => {
  it('is that of the nearest track', () => {
    const identity = identityAt({ x: 0 });
    const near = identityAt({ id: 2, x: 5 });
    const far = identityAt({ id: 3, x: 800 });

    expect(maxAmbiguity(identity, [identity, far])).toBeLessThan(1e-6);
    expect(maxAmbiguity(identity, [identity, near, far])).toBeGreaterThan(0.3);
  });
});

describe('a lost track whose identity went elsewhere', () => {
  it('counts as nobody', () => {
    const identity = identityAt({ x: 0 });
    const abandoned = identityAt({ id: 2, x: 0, isLost: true });
    const set = { ptsMs: 0, detections: [{ box: boxAt(0), score: 0.9, kind: 'face' as const }] };

    updateSurroundings(set, [identity, abandoned]);

    expect(identity.isOverlapped).toBe(false);
    expect(maxAmbiguity(identity, [identity, abandoned])).toBe(0);
  });
});

describe('updateJump', () => {
  it('is measured by what is usual, and becomes usual itself', () => {
    const identity = identityAt({ x: 60, expectedX: 0 });

    const first = updateJump(identity, 0.04);
    for (let set = 0; set < 100; set += 1) updateJump(identity, 0.04);

    expect(first).toBeCloseTo(6, 6);
    expect(updateJump(identity, 0.04)).toBeCloseTo(1, 1);
  });
});

describe('updateReliability', () => {
  it.each([
    { name: 'detected with a high score', score: 0.9, gap: 0, from: 1, to: 1 },
    { name: 'detected with a low score', score: 0.4, gap: 0, from: 0.97, to: 0.99 },
    { name: 'after a gap', score: 0.9, gap: 2, from: 0.36, to: 0.39 },
  ])('depends on how the track was detected: $name', ({ score, gap, from, to }) => {
    const identity = identityAt({ x: 0, score });

    updateReliability(identity, gap, 0.04);

    expect(identity.reliability).toBeGreaterThanOrEqual(from);
    expect(identity.reliability).toBeLessThanOrEqual(to);
  });
});

describe('camera', () => {
  it('drift adds movement up, and fades', () => {
    const moved = identityAt({ x: 0, cameraShift: { x: 40, y: -10 } });

    const drift = cameraDrift({ x: 0, y: 0 }, [moved], 0.04);
    const rested = cameraDrift(drift, [identityAt({ x: 0 })], 1);

    expect(drift).toEqual({ x: 40, y: -10 });
    expect(Math.abs(rested.x)).toBeLessThan(0.01);
  });

  it.each([
    { name: 'no movement', drift: 0, isExpected: false },
    { name: 'a little', drift: 60, isExpected: false },
    { name: 'onto the position of another', drift: 200, isExpected: true },
    { name: 'the other way', drift: -200, isExpected: false },
  ])('movement makes tracks confusable: $name', ({ drift, isExpected }) => {
    // Before the movement they were at −drift and at 200 − drift.
    const left = identityAt({ x: 0 });
    const right = identityAt({ id: 2, x: 200 });

    expect(isConfusable(left, [left, right], { x: drift, y: 0 })).toBe(isExpected);
  });
});
