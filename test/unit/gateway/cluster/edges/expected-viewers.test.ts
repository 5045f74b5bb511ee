import { expect, it } from 'vitest';
import { ExpectedViewers } from '#src/gateway/cluster/edges/expected-viewers.js';

it('counts those who are to come until they have come', () => {
  const expected = new ExpectedViewers();
  expected.expect('hall', 2, 0);
  expected.expect('door', 1, 0);
  expect([expected.of('hall', 1), expected.all(1)]).toEqual([2, 3]);

  expect(expected.arrive('hall', 1)).toBe(true);
  expect([expected.of('hall', 1), expected.all(1)]).toEqual([1, 2]);
  expect(expected.arrive('hall', 1)).toBe(true);
  expect(expected.arrive('hall', 1)).toBe(false);
});

it('does not wait for whoever does not come', () => {
  const expected = new ExpectedViewers();
  expected.expect('hall', 1, 0);
  expected.expect('hall', 1, 5000);
  expect(expected.of('hall', 10_001)).toBe(1);
  expect(expected.arrive('hall', 15_001)).toBe(false);
  expect(expected.all(15_001)).toBe(0);
});
