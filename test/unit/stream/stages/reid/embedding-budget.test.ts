import { describe, expect, it } from 'vitest';
import type { EmbeddingRequest } from '#src/stream/domain/embedding.js';
import { TrackIdentity } from '#src/stream/stages/reid/track-identity.js';
import { EmbeddingBudget } from '#src/stream/stages/reid/embedding-budget.js';

const identity = (trackId = 1): TrackIdentity => {
  const one = new TrackIdentity({
    id: trackId,
    state: 'tracked',
    box: { x: 0, y: 0, width: 10, height: 10 },
    score: 1,
    kind: 'face',
    bornPtsMs: 0,
    seenPtsMs: 0,
    detectionIndex: 0,
  });
  one.cropQuality = 0.7;
  return one;
};
const resultOf = (request: EmbeddingRequest | undefined) => ({ ...request!, embedding: undefined });

describe('EmbeddingBudget', () => {
  it('counts what is asked for, and asks for nothing twice', () => {
    const budget = new EmbeddingBudget();
    budget.begin(0, 2, 0.1);

    const request = budget.request(identity(), 0);

    expect(request).toEqual({ ptsMs: 0, trackId: 1, detectionIndex: 0 });
    expect(budget.request(identity(), 0)).toBeUndefined();
    expect(budget).toMatchObject({ matched: 2, computed: 1 });
  });

  it('accepts a result once, and none that was not asked for', () => {
    const budget = new EmbeddingBudget();
    const request = budget.request(identity(), 0);

    expect(budget.accept(resultOf(request))).toEqual({ quality: 0.7, isClear: true });
    expect(budget.accept(resultOf(request))).toBeUndefined();
    expect(budget.accept({ ...resultOf(request), ptsMs: 5 })).toBeUndefined();
  });

  it('does not accept a result that is too old', () => {
    const budget = new EmbeddingBudget();
    const request = budget.request(identity(), 0);

    budget.begin(2_001, 1, 0.1);

    expect(budget.accept(resultOf(request))).toBeUndefined();
  });

  it('has two requests of one track under way at most', () => {
    const budget = new EmbeddingBudget();
    const first = budget.request(identity(), 0);
    budget.request(identity(), 30);

    expect(budget.request(identity(), 60)).toBeUndefined();
    expect(budget.request(identity(2), 60)).toBeDefined();
    budget.accept(resultOf(first));
    expect(budget.request(identity(), 60)).toBeDefined();
  });

  it.each([
    { name: 'two a second, at 10 detections a second', looksPerS: 2, stepMs: 100, most: 40 + 200 },
    { name: 'two a second, at 30 detections a second', looksPerS: 2, stepMs: 1000 / 30, most: 40 + 66 },
    { name: 'after pauses of the source', looksPerS: 0.1, stepMs: 5_000, most: 40 + 100 },
    { name: 'without a limit', looksPerS: Infinity, stepMs: 100, most: 1000 },
  ])('keeps to its rate in the long run: $name', ({ looksPerS, stepMs, most }) => {
    const budget = new EmbeddingBudget();
    for (let frame = 0; frame < 1000; frame += 1) {
      budget.begin(frame * stepMs, 1, looksPerS);
      const request = budget.request(identity(), frame * stepMs);
      if (request) budget.accept(resultOf(request));
    }

    expect(budget.computed).toBeGreaterThan(most - 5);
    expect(budget.computed).toBeLessThanOrEqual(most);
  });
});
