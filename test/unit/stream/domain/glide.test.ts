import { describe, expect, it } from 'vitest';
import { Glide } from '#src/stream/domain/glide.js';

const STEP_S = 1 / 240;

function sample(glide: Glide, fromS: number, toS: number): readonly number[] {
  const count = Math.round((toS - fromS) / STEP_S);
  return Array.from({ length: count + 1 }, (_, index) => glide.at(fromS + index * STEP_S));
}

const steps = (values: readonly number[]): readonly number[] =>
  values.slice(1).map((value, index) => value - values[index]!);

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

describe('glide', () => {
  it('keeps its value until it gets a target', () => {
    const glide = new Glide(3);

    expect([glide.at(0), glide.at(100), glide.target]).toEqual([3, 3, 3]);
    expect(glide.isSettled(0)).toBe(true);
  });

  it('moves from rest to rest, in one direction, within the duration', () => {
    const glide = new Glide(10);
    glide.to(20, 5, 2);

    const values = sample(glide, 5, 7);

    expect([glide.at(5), glide.at(6), glide.at(7), glide.at(70)]).toEqual([10, 15, 20, 20]);
    expect(Math.min(...steps(values))).toBeGreaterThanOrEqual(0);
    expect(steps(values)[0]).toBeLessThan(1e-4);
    expect(steps(values).at(-1)).toBeLessThan(1e-4);
    expect([glide.isSettled(6.99), glide.isSettled(7)]).toEqual([false, true]);
  });

  it.each([0.1, 0.4, 0.7, 0.95])(
    'keeps velocity and acceleration when the target changes at %f of the way',
    (share) => {
      const glide = new Glide(0);
      glide.to(1, 0, 1);
      const before = sample(glide, 0, share);
      glide.to(0, share, 1);
      const after = sample(glide, share, share + 1);

      const speeds = steps([...before, ...after.slice(1)]);
      const bends = steps(speeds);

      expect(after.at(-1)).toBe(0);
      // Peak speed 1.875 and peak acceleration 5.8 of the quintic; turning round costs less than twice it.
      expect(largest(speeds)).toBeLessThan(3 * STEP_S);
      expect(largest(bends)).toBeLessThan(30 * STEP_S ** 2);
    },
  );

  it('jumps with a duration of 0', () => {
    const glide = new Glide(1);
    glide.to(2, 10, 0);

    expect(glide.at(10)).toBe(2);
  });

  it('stops a movement when it is set', () => {
    const glide = new Glide(0);
    glide.to(1, 0, 1);
    glide.snap(5);

    expect([glide.at(0.5), glide.target]).toEqual([5, 5]);
  });
});
