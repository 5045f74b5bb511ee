import { describe, expect, it } from 'vitest';
import { streamSchema } from '#src/shared/config/schema.js';
import { keyframeDistanceMs, KeyframeLimiter } from '#src/gateway/streams/keyframe-limiter.js';

describe('keyframe limiter', () => {
  it('lets two pass at once and merges the rest into one', () => {
    const limiter = new KeyframeLimiter();

    const answers = [0, 10, 20, 30, 900].map((nowMs) => limiter.request(nowMs));

    expect(answers).toEqual([true, true, false, false, false]);
    expect(limiter.dueAtMs).toBe(1000);
    expect([999, 1000, 1001].map((nowMs) => limiter.isDue(nowMs))).toEqual([false, true, false]);
    expect(limiter.dueAtMs).toBeUndefined();
  });

  it('takes a request that comes when one is due as that one', () => {
    const limiter = new KeyframeLimiter({ perSecond: 1 });
    limiter.request(0);
    limiter.request(500);

    expect(limiter.request(1000)).toBe(true);
    expect(limiter.isDue(1000)).toBe(false);
    expect(limiter.isDue(5000)).toBe(false);
  });

  it.each([1, 2, 3])('never lets more than %i pass in any second', (perSecond) => {
    const limiter = new KeyframeLimiter({ perSecond });
    const passedMs: number[] = [];

    for (let nowMs = 0; nowMs < 20_000; nowMs += 7) {
      const passes = nowMs % 3 === 0 ? limiter.request(nowMs) : limiter.isDue(nowMs);
      if (passes) passedMs.push(nowMs);
    }

    const closest = passedMs.slice(perSecond).map((time, index) => time - passedMs[index]!);
    expect(Math.min(...closest)).toBeGreaterThanOrEqual(1000);
    expect(passedMs.length).toBeGreaterThanOrEqual(19 * perSecond);
  });

  it('has nothing due without a request', () => {
    const limiter = new KeyframeLimiter();

    expect(limiter.isDue(0)).toBe(false);
    expect(limiter.dueAtMs).toBeUndefined();
  });
});

describe('keyframeDistanceMs', () => {
  const { output } = streamSchema.parse({ source: { url: 'test:' }, output: { gopS: 4 } });

  it.each([
    ['half a group where something is published', [{ url: 'rtmp://h/a/b' }], 2000],
    ['none where nothing is', [], 0],
  ])('is %s', (_name, targets, expected) => {
    expect(keyframeDistanceMs({ targets, output })).toBe(expected);
  });
});
