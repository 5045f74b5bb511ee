import { describe, expect, it } from 'vitest';
import { appearanceOf } from '#src/stream/stages/reid/appearance.js';

const of = (...values: number[]): Float32Array => Float32Array.from(values);

describe('appearanceOf', () => {
  it.each([
    { name: 'the same', a: of(3, 4), b: of(6, 8), similarity: 1 },
    { name: 'at right angles', a: of(1, 0), b: of(0, 5), similarity: 0 },
    { name: 'opposite', a: of(1, 1), b: of(-2, -2), similarity: -1 },
    { name: 'nothing at all', a: of(0, 0), b: of(1, 1), similarity: 0 },
  ])('compares directions for cosine: $name', ({ a, b, similarity }) => {
    const appearance = appearanceOf('cosine');

    expect(appearance.similarity(appearance.prepare(a), appearance.prepare(b))).toBeCloseTo(similarity, 6);
  });

  it.each([
    { name: 'the same', a: of(0.1, 0.2), b: of(0.1, 0.2), similarity: 1 },
    { name: 'a distance apart', a: of(0, 0), b: of(0.3, 0.4), similarity: 0.5 },
    { name: 'far apart', a: of(0, 0), b: of(3, 4), similarity: -4 },
  ])('compares places for l2: $name', ({ a, b, similarity }) => {
    const appearance = appearanceOf('l2');

    expect(appearance.similarity(appearance.prepare(a), appearance.prepare(b))).toBeCloseTo(similarity, 6);
  });

  it.each(['cosine', 'l2'] as const)('leaves what it is given as it is: %s', (metric) => {
    const given = of(3, 4);

    const kept = appearanceOf(metric).prepare(given);
    given[0] = 100;

    expect(kept[0]).not.toBe(100);
  });
});
