import { describe, expect, it } from 'vitest';
import type { Point } from '#src/shared/domain/box.js';
import type { AffineMatrix } from '#src/stream/domain/affine-matrix.js';
import { fitSimilarity, stretchOver } from '#src/stream/stages/reid/align.js';

const apply = ([a, b, c, d, e, f]: AffineMatrix, { x, y }: Point): Point => ({
  x: a * x + b * y + c,
  y: d * x + e * y + f,
});

const template: readonly Point[] = [
  { x: 48, y: 47 },
  { x: 101, y: 47 },
  { x: 74.5, y: 77 },
  { x: 51, y: 103.5 },
  { x: 98, y: 103.5 },
];

describe('fitSimilarity', () => {
  it.each([
    { what: 'nothing', scale: 1, turn: 0, shift: { x: 0, y: 0 } },
    { what: 'a shift', scale: 1, turn: 0, shift: { x: 300, y: -20 } },
    { what: 'a scale', scale: 2.5, turn: 0, shift: { x: 0, y: 0 } },
    { what: 'a turn', scale: 1, turn: 2, shift: { x: 0, y: 0 } },
    { what: 'all of it', scale: 0.3, turn: -0.4, shift: { x: 900, y: 500 } },
  ])('finds $what again', ({ scale, turn, shift }) => {
    const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
    const truth: AffineMatrix = [cos, -sin, shift.x, sin, cos, shift.y];

    const found = fitSimilarity(
      template,
      template.map((point) => apply(truth, point)),
    );

    found!.forEach((value, i) => expect(value).toBeCloseTo(truth[i]!, 9));
  });

  it('is the best there is where nothing fits: every small change is worse', () => {
    const goals = template.map(({ x, y }, i) => ({
      x: 2 * x + [3, -5, 4, 0, 1][i]!,
      y: 2 * y + [-2, 6, 0, -3, 2][i]!,
    }));
    const cost = (matrix: AffineMatrix): number =>
      template.reduce((sum, point, i) => {
        const { x, y } = apply(matrix, point);
        return sum + (x - goals[i]!.x) ** 2 + (y - goals[i]!.y) ** 2;
      }, 0);
    const [a, b, c, d, e, f] = fitSimilarity(template, goals)!;

    const least = cost([a, b, c, d, e, f]);

    for (const step of [-0.001, 0.001]) {
      expect(cost([a + step, b, c, d, e + step, f])).toBeGreaterThan(least);
      expect(cost([a, b - step, c, d + step, e, f])).toBeGreaterThan(least);
      expect(cost([a, b, c + step, d, e, f])).toBeGreaterThan(least);
      expect(cost([a, b, c, d, e, f + step])).toBeGreaterThan(least);
    }
  });

  it.each([
    ['points all in one place', template.map(() => ({ x: 5, y: 5 })), template],
    ['goals all in one place', template, template.map(() => ({ x: 5, y: 5 }))],
    ['no points', [], []],
    ['no goals', template, []],
  ])('has no answer for %s', (_, from, to) => {
    expect(fitSimilarity(from, to)).toBeUndefined();
  });
});

it('stretches a picture over a box, corner on corner', () => {
  const matrix = stretchOver({ width: 128, height: 256 }, { x: 10, y: 20, width: 64, height: 64 });

  expect(apply(matrix, { x: 0, y: 0 })).toEqual({ x: 10, y: 20 });
  expect(apply(matrix, { x: 128, y: 256 })).toEqual({ x: 74, y: 84 });
});
