import { describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import { AssignmentSolver } from '#src/stream/domain/assignment-solver.js';

const solver = new AssignmentSolver();

function solve(costs: readonly (readonly number[])[], limit: number): { pairs: number[]; count: number } {
  const columns = costs[0]?.length ?? 0;
  const assigned = new Int32Array(costs.length + 1).fill(7);
  const count = solver.solve(Float64Array.from(costs.flat()), costs.length, columns, limit, assigned);
  return { pairs: [...assigned.subarray(0, costs.length)], count };
}

/** Smallest Σ(cost − limit) over all ways to pair, by trying each. */
function bruteForce(costs: readonly (readonly number[])[], limit: number, row = 0, taken = new Set<number>()): number {
  if (row === costs.length) return 0;
  let best = bruteForce(costs, limit, row + 1, taken);
  for (const [column, cost] of costs[row]!.entries()) {
    if (taken.has(column) || cost >= limit) continue;
    taken.add(column);
    best = Math.min(best, cost - limit + bruteForce(costs, limit, row + 1, taken));
    taken.delete(column);
  }
  return best;
}

describe('AssignmentSolver', () => {
  it.each([
    { name: 'one pair', costs: [[0.2]], limit: 0.9, pairs: [0] },
    { name: 'a pair over the limit', costs: [[0.95]], limit: 0.9, pairs: [-1] },
    {
      name: 'the cheaper sum, not the cheapest pair',
      costs: [
        [0.1, 0.2],
        [0.15, 0.8],
      ],
      limit: 0.9,
      pairs: [1, 0],
    },
    {
      name: 'one pair where two would pass the limit',
      costs: [
        [0.1, 0.95],
        [0.5, 0.99],
      ],
      limit: 0.9,
      pairs: [0, -1],
    },
    { name: 'a row that gives up its column', costs: [[0.5], [0.1]], limit: 0.9, pairs: [-1, 0] },
    { name: 'more columns than rows', costs: [[0.9, 0.3, 0.6]], limit: 0.8, pairs: [1] },
    {
      name: 'forbidden pairs',
      costs: [
        [Infinity, 0.3],
        [0.2, Infinity],
      ],
      limit: 0.8,
      pairs: [1, 0],
    },
    {
      name: 'a chain of three',
      costs: [
        [0.1, 0.2, 1],
        [0.1, 1, 0.3],
        [0.1, 1, 1],
      ],
      limit: 0.9,
      pairs: [1, 2, 0],
    },
    { name: 'no columns', costs: [[], []], limit: 0.9, pairs: [-1, -1] },
  ])('finds $name', ({ costs, limit, pairs }) => {
    const result = solve(costs, limit);

    expect(result.pairs).toEqual(pairs);
    expect(result.count).toBe(pairs.filter((column) => column >= 0).length);
  });

  it('is never worse than trying all assignments', () => {
    const random = seededRandom(1);
    for (let round = 0; round < 2000; round += 1) {
      const rows = 1 + Math.floor(6 * random());
      const columns = 1 + Math.floor(6 * random());
      const limit = 0.3 + 0.6 * random();
      const costs = Array.from({ length: rows }, () => Array.from({ length: columns }, random));

      const { pairs } = solve(costs, limit);

      const used = pairs.filter((column) => column >= 0);
      expect(new Set(used).size).toBe(used.length);
      const sum = pairs.reduce((total, column, row) => total + (column < 0 ? 0 : costs[row]![column]! - limit), 0);
      expect(sum).toBeCloseTo(bruteForce(costs, limit), 10);
    }
  });
});
