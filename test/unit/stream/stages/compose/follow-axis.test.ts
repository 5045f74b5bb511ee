import { describe, expect, it } from 'vitest';
import { FollowAxis, type FollowLimits, type Observation } from '#src/stream/stages/compose/follow-axis.js';

const limits: FollowLimits = {
  deadZone: 20,
  stillSpeed: 20,
  urgentDistance: 60,
  maxSpeed: 1500,
  maxAcceleration: 8000,
};

interface Moment {
  readonly tS: number;
  readonly value: number;
}

function follow(path: (tS: number) => Observation<number>, durationS: number, fps = 30): readonly Moment[] {
  const axis = new FollowAxis(500, 0.6);
  return Array.from({ length: Math.round(durationS * fps) }, (_, index) => {
    const tS = (index + 1) / fps;
    axis.update(1 / fps, path(tS), limits);
    return { tS, value: axis.value };
  });
}

describe('follow axis', () => {
  it('does not move at all while the subject stays near', () => {
    const moments = follow((tS) => 500 + 18 * Math.sin(3 * tS), 20);

    expect(moments.every(({ value }) => value === 500)).toBe(true);
  });

  it.each([15, 30, 60])('comes to a subject that moved, hardly swinging past it, at %i fps', (fps) => {
    const moments = follow((tS) => 500 + 120 * Math.min(1, tS / 0.4), 6, fps);

    expect(Math.abs(moments.at(-1)!.value - 620)).toBeLessThan(limits.deadZone);
    expect(Math.max(...moments.map(({ value }) => value))).toBeLessThan(620 + 25);
  });

  it('follows a steady walk almost without error, and rests after it', () => {
    const moments = follow((tS) => 500 + 300 * Math.min(tS, 4), 8);

    const walking = moments.filter(({ tS }) => tS > 2 && tS < 4);
    const resting = moments.filter(({ tS }) => tS > 6.5).map(({ value }) => value);
    for (const { tS, value } of walking) expect(Math.abs(value - 500 - 300 * tS)).toBeLessThan(10);
    expect(Math.max(...resting) - Math.min(...resting)).toBeLessThan(0.5);
    expect(Math.abs(resting[0]! - 1700)).toBeLessThan(limits.deadZone);
  });

  it('keeps to its limits when the subject jumps', () => {
    const moments = follow((tS) => (tS < 1 ? 500 : 4500), 8, 120);

    const speeds = moments.slice(1).map(({ value }, index) => (value - moments[index]!.value) * 120);
    const accelerations = speeds.slice(1).map((speed, index) => (speed - speeds[index]!) * 120);
    expect(Math.max(...speeds)).toBeLessThanOrEqual(limits.maxSpeed + 1e-6);
    expect(Math.max(...accelerations.map(Math.abs))).toBeLessThanOrEqual(limits.maxAcceleration + 1e-6);
    expect(Math.abs(moments.at(-1)!.value - 4500)).toBeLessThan(limits.deadZone);
  });

  it('comes to rest soon when the subject is lost on a walk', () => {
    const moments = follow((tS) => (tS < 2 ? 500 + 300 * tS : undefined), 6);

    const lostAt = 500 + 300 * 2;
    expect(Math.abs(moments.at(-1)!.value - lostAt)).toBeLessThan(60);
    expect(moments.at(-1)!.value).toBeCloseTo(moments.at(-10)!.value, 1);
  });

  it('walks on through frames that bring nothing new', () => {
    const every = follow((tS) => 500 + 300 * tS, 3);
    const second = follow((tS) => (Math.round(tS * 30) % 2 ? 'unchanged' : 500 + 300 * tS), 3);

    every.slice(60).forEach(({ value }, index) => {
      expect(Math.abs(value - second[60 + index]!.value)).toBeLessThan(4);
    });
  });

  it('stays where it is when no time passes, and is stable over a gap', () => {
    const axis = new FollowAxis(500, 0.1);
    axis.update(0, 900, limits);
    expect(axis.value).toBe(500);

    axis.update(30, 900, limits);
    axis.update(30, 900, limits);
    expect(Math.abs(axis.value - 900)).toBeLessThan(limits.deadZone);
  });
});
