import { describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';

const numbers = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

describe('seededRandom', () => {
  it('gives the numbers of mulberry32, so that measurements of earlier versions stay comparable', () => {
    expect(numbers(1, 3).map((value) => Math.round(value * 2 ** 32))).toEqual([2693262067, 11749833, 2265367787]);
  });

  it('gives other numbers for another seed', () => {
    expect(numbers(1, 5)).not.toEqual(numbers(2, 5));
  });

  it('gives numbers that are uniform in [0, 1)', () => {
    const count = 100_000;
    const tenths = new Array<number>(10).fill(0);
    for (const value of numbers(7, count)) tenths[Math.floor(value * 10)]! += 1;
    expect(tenths.reduce((sum, each) => sum + each)).toBe(count);
    for (const each of tenths) expect(Math.abs(each / count - 0.1)).toBeLessThan(0.005);
  });
});
