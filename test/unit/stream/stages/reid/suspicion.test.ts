import { describe, expect, it } from 'vitest';
import type { Track } from '#src/shared/domain/track.js';
import { appearanceOf } from '#src/stream/stages/reid/appearance.js';
import { Follower } from '#src/stream/stages/reid/track-identity.js';
import { Roster } from '#src/stream/stages/reid/identity-store.js';
import {
  cameraDrift,
  castShadows,
  gapS,
  hidersOf,
  isMistakable,
  liftShadows,
  noteJump,
  noteSteadiness,
  noteSurroundings,
  strongestRivalry,
} from '#src/stream/stages/reid/suspicion.js';

const boxAt = (x: number) => ({ x, y: 0, width: 100, height: 125 });

interface Sight {
  readonly id?: number;
  readonly x: number;
  readonly expectedX?: number;
  readonly isLost?: boolean;
  readonly score?: number;
  readonly cameraShift?: { x: number; y: number };
}

function followerAt({ id = 1, x, expectedX = x, isLost = false, score = 0.9, cameraShift }: Sight): Follower {
  const track: Track = {
    id,
    state: isLost ? 'lost' : 'tracked',
    box: boxAt(x),
    score,
    kind: 'face',
    bornPtsMs: 0,
    seenPtsMs: 0,
    ...(isLost ? {} : { detectionIndex: 0 }),
    prediction: { box: boxAt(expectedX), stdPx: 10, ...(cameraShift ? { cameraShift } : {}) },
  };
  return new Follower(track);
}

const roster = new Roster(appearanceOf('cosine'));
function named(follower: Follower): Follower {
  const person = roster.add(0);
  follower.person = person;
  person.follower = follower;
  return follower;
}

describe('noteSurroundings', () => {
  it('notices who is near, and who was until now', () => {
    const follower = followerAt({ x: 0 });
    const other = named(followerAt({ id: 2, x: 60, isLost: true }));
    const set = { ptsMs: 0, detections: [{ box: boxAt(0), score: 0.9, kind: 'face' as const }] };

    noteSurroundings(set, [follower, other]);
    expect(follower).toMatchObject({ isTouched: true, hasParted: false, quality: 1 });

    noteSurroundings(set, [follower, followerAt({ id: 2, x: 300, isLost: true })]);
    expect(follower).toMatchObject({ isTouched: false, hasParted: true });
  });
});

describe('shadows', () => {
  it('fall on who is lost sight of beside somebody, and lift when that one is surely seen again', () => {
    const front = named(followerAt({ x: 0 }));
    const rear = named(followerAt({ id: 2, x: 40, isLost: true }));
    const far = named(followerAt({ id: 3, x: 900 }));
    const all = [front, rear, far];

    castShadows(all);
    expect(hidersOf(rear, all)).toEqual([front]);
    expect(far.shadows.size).toBe(0);

    rear.isVisible = true;
    rear.isOpen = true;
    liftShadows(all, 0);
    expect(front.shadows.size).toBe(1);

    rear.isOpen = false;
    liftShadows(all, 0);
    expect(front.shadows.size).toBe(0);
  });

  it('do not last for ever', () => {
    const front = named(followerAt({ x: 0 }));
    const rear = named(followerAt({ id: 2, x: 40, isLost: true }));
    castShadows([front, rear]);

    liftShadows([front, rear], 8_001);

    expect(front.shadows.size).toBe(0);
  });
});

describe('gapS', () => {
  it.each([
    { name: 'never seen before', seenPtsMs: Number.NEGATIVE_INFINITY, gap: 0 },
    { name: 'seen in the set before', seenPtsMs: 960, gap: 0 },
    { name: 'missed in one set', seenPtsMs: 920, gap: 0.04 },
    { name: 'away for long', seenPtsMs: 0, gap: 0.96 },
  ])('is what was missed: $name', ({ seenPtsMs, gap }) => {
    const follower = followerAt({ x: 0 });
    follower.seenPtsMs = seenPtsMs;

    expect(gapS(follower, 1000, 0.04)).toBeCloseTo(gap, 9);
  });
});

describe('strongestRivalry', () => {
  it('is that of the nearest rival', () => {
    const follower = followerAt({ x: 0 });
    const near = followerAt({ id: 2, x: 5 });
    const far = followerAt({ id: 3, x: 800 });

    expect(strongestRivalry(follower, [follower, far])).toBeLessThan(1e-6);
    expect(strongestRivalry(follower, [follower, near, far])).toBeGreaterThan(0.3);
  });
});

describe('a lost track whose identity went elsewhere', () => {
  it('is nobody', () => {
    const follower = followerAt({ x: 0 });
    const ghost = followerAt({ id: 2, x: 0, isLost: true });
    const set = { ptsMs: 0, detections: [{ box: boxAt(0), score: 0.9, kind: 'face' as const }] };

    noteSurroundings(set, [follower, ghost]);

    expect(follower.isTouched).toBe(false);
    expect(strongestRivalry(follower, [follower, ghost])).toBe(0);
  });
});

describe('noteJump', () => {
  it('measures by what is usual, and gets used to restless people', () => {
    const follower = followerAt({ x: 60, expectedX: 0 });

    const first = noteJump(follower, 0.04);
    for (let set = 0; set < 100; set += 1) noteJump(follower, 0.04);

    expect(first).toBeCloseTo(6, 6);
    expect(noteJump(follower, 0.04)).toBeCloseTo(1, 1);
  });
});

describe('noteSteadiness', () => {
  it.each([
    { name: 'found surely', score: 0.9, gap: 0, from: 1, to: 1 },
    { name: 'found weakly', score: 0.4, gap: 0, from: 0.97, to: 0.99 },
    { name: 'after a gap', score: 0.9, gap: 2, from: 0.36, to: 0.39 },
  ])('remembers how somebody was found: $name', ({ score, gap, from, to }) => {
    const follower = followerAt({ x: 0, score });

    noteSteadiness(follower, gap, 0.04);

    expect(follower.steadiness).toBeGreaterThanOrEqual(from);
    expect(follower.steadiness).toBeLessThanOrEqual(to);
  });
});

describe('camera', () => {
  it('drifts, and comes to rest', () => {
    const moved = followerAt({ x: 0, cameraShift: { x: 40, y: -10 } });

    const drift = cameraDrift({ x: 0, y: 0 }, [moved], 0.04);
    const rested = cameraDrift(drift, [followerAt({ x: 0 })], 1);

    expect(drift).toEqual({ x: 40, y: -10 });
    expect(Math.abs(rested.x)).toBeLessThan(0.01);
  });

  it.each([
    { name: 'no movement', drift: 0, isLikely: false },
    { name: 'a little', drift: 60, isLikely: false },
    { name: 'onto the place of another', drift: 200, isLikely: true },
    { name: 'the other way', drift: -200, isLikely: false },
  ])('mistakes people when it moves: $name', ({ drift, isLikely }) => {
    // Before the movement they were at −drift and at 200 − drift.
    const left = followerAt({ x: 0 });
    const right = followerAt({ id: 2, x: 200 });

    expect(isMistakable(left, [left, right], { x: drift, y: 0 })).toBe(isLikely);
  });
});
