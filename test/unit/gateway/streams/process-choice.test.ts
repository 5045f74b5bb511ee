import { describe, expect, it } from 'vitest';
import { chooseProcess } from '#src/gateway/streams/process-choice.js';

describe('chooseProcess', () => {
  it.each([
    { name: 'none there', counts: [], capacity: 3, chosen: undefined },
    { name: 'the only one is full', counts: [3], capacity: 3, chosen: undefined },
    { name: 'one has room', counts: [3, 2], capacity: 3, chosen: 1 },
    { name: 'the one with fewest streams', counts: [2, 1, 2], capacity: 3, chosen: 1 },
    { name: 'the first of equals', counts: [3, 1, 1], capacity: 3, chosen: 1 },
    { name: 'a process for each', counts: [1, 1], capacity: 1, chosen: undefined },
  ])('$name', ({ counts, capacity, chosen }) => {
    expect(chooseProcess(counts, capacity)).toBe(chosen);
  });
});
