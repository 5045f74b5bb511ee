import { describe, expect, it } from 'vitest';
import { EncodeTimer } from '#src/stream/stages/encode/encode-timer.js';

describe('EncodeTimer', () => {
  it('measures from the push to the picture with the same PTS', () => {
    const timer = new EncodeTimer();
    timer.pushed(100 / 3, 40);
    timer.pushed(200 / 3, 75);

    expect(timer.encoded(33.333333, 47)).toBe(7);
    expect(timer.encoded(66.666666, 80.5)).toBe(5.5);
  });

  it('measures each picture once', () => {
    const timer = new EncodeTimer();
    timer.pushed(10, 10);

    expect(timer.encoded(10, 12)).toBe(2);
    expect(timer.encoded(10, 12)).toBeUndefined();
  });

  it('leaves out pictures it did not see in between, and those never pushed', () => {
    const timer = new EncodeTimer();
    for (const ptsMs of [10, 20, 30]) timer.pushed(ptsMs, ptsMs);

    expect(timer.encoded(15, 16)).toBeUndefined();
    expect(timer.encoded(30, 31)).toBe(1);
    expect(timer.encoded(20, 32)).toBeUndefined();
  });

  it('says how long the oldest picture waits', () => {
    const timer = new EncodeTimer();
    const before = timer.waitedMs(undefined, 5);
    for (const ptsMs of [10, 20, 30]) timer.pushed(ptsMs, ptsMs + 1);

    expect(before).toBe(0);
    expect(timer.waitedMs(undefined, 41)).toBe(30);
    expect(timer.waitedMs(20.000001, 41)).toBe(10);
    expect(timer.waitedMs(30, 41)).toBe(0);
  });

  it('waits for nothing of an encoder that was replaced', () => {
    const timer = new EncodeTimer();
    timer.pushed(10, 10);

    timer.restart();

    expect(timer.waitedMs(undefined, 500)).toBe(0);
  });

  it('forgets pictures that an encoder never outputs', () => {
    const timer = new EncodeTimer();
    for (let ptsMs = 1; ptsMs <= 65; ptsMs += 1) timer.pushed(ptsMs, ptsMs);

    expect(timer.encoded(1, 70)).toBeUndefined();
    expect(timer.encoded(2, 70)).toBe(68);
  });
});
