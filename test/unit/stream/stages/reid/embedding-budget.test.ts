import { describe, expect, it } from 'vitest';
import type { EmbeddingRequest } from '#src/stream/domain/embedding.js';
import { Follower } from '#src/stream/stages/reid/track-identity.js';
import { LookLedger } from '#src/stream/stages/reid/embedding-budget.js';

const follower = (trackId = 1): Follower => {
  const one = new Follower({
    id: trackId,
    state: 'tracked',
    box: { x: 0, y: 0, width: 10, height: 10 },
    score: 1,
    kind: 'face',
    bornPtsMs: 0,
    seenPtsMs: 0,
    detectionIndex: 0,
  });
  one.quality = 0.7;
  return one;
};
const answerTo = (request: EmbeddingRequest | undefined) => ({ ...request!, embedding: undefined });

describe('LookLedger', () => {
  it('counts what is asked, and asks nothing twice', () => {
    const ledger = new LookLedger(0.1);
    ledger.begin(0, 2);

    const request = ledger.ask(follower(), 0);

    expect(request).toEqual({ ptsMs: 0, trackId: 1, detectionIndex: 0 });
    expect(ledger.ask(follower(), 0)).toBeUndefined();
    expect(ledger).toMatchObject({ matched: 2, computed: 1 });
  });

  it('takes an answer once, and none that nobody waits for', () => {
    const ledger = new LookLedger(0.1);
    const request = ledger.ask(follower(), 0);

    expect(ledger.answer(answerTo(request))).toBe(0.7);
    expect(ledger.answer(answerTo(request))).toBeUndefined();
    expect(ledger.answer({ ...answerTo(request), ptsMs: 5 })).toBeUndefined();
  });

  it('does not wait for ever', () => {
    const ledger = new LookLedger(0.1);
    const request = ledger.ask(follower(), 0);

    ledger.begin(2_001, 1);

    expect(ledger.answer(answerTo(request))).toBeUndefined();
  });

  it('has two questions about one track under way at most', () => {
    const ledger = new LookLedger(0.1);
    const first = ledger.ask(follower(), 0);
    ledger.ask(follower(), 30);

    expect(ledger.ask(follower(), 60)).toBeUndefined();
    expect(ledger.ask(follower(2), 60)).toBeDefined();
    ledger.answer(answerTo(first));
    expect(ledger.ask(follower(), 60)).toBeDefined();
  });

  it.each([
    { name: 'a tenth of the detections', ratio: 0.1, most: 40 + 100 },
    { name: 'without a limit', ratio: Infinity, most: 1000 },
  ])('keeps to its share in the long run: $name', ({ ratio, most }) => {
    const ledger = new LookLedger(ratio);
    for (let frame = 0; frame < 1000; frame += 1) {
      ledger.begin(frame, 1);
      const request = ledger.ask(follower(), frame);
      if (request) ledger.answer(answerTo(request));
    }

    expect(ledger.computed).toBeGreaterThan(most - 5);
    expect(ledger.computed).toBeLessThanOrEqual(most);
  });
});
