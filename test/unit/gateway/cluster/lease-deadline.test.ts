import { expect, it } from 'vitest';
import { LeaseDeadline } from '#src/gateway/cluster/lease-deadline.js';

const renewal = { sentAtMs: 10_000, ttlMs: 2000, termBefore: 4, term: 4 };

it('is the time at which a renewal was sent, and its time less the margin', () => {
  const deadline = new LeaseDeadline();

  expect(deadline.confirm(renewal, 4)).toBe(true);
  expect(deadline.deadlineMs).toBe(11_700);
});

it.each([
  ['the read is answered in another term', renewal, 5],
  ['the member told another term before', { ...renewal, termBefore: 3 }, 4],
  ['the member had told no term before', { ...renewal, termBefore: undefined }, 4],
])('does not move where %s', (_what, unconfirmed, term) => {
  const deadline = new LeaseDeadline();

  expect(deadline.confirm(unconfirmed, term)).toBe(false);
  expect(deadline.deadlineMs).toBe(-Infinity);
});

it('never goes back, until the lease is lost', () => {
  const deadline = new LeaseDeadline();

  deadline.confirm(renewal, 4);
  deadline.confirm({ ...renewal, sentAtMs: 9000 }, 4);
  const before = deadline.deadlineMs;
  deadline.lose();

  expect([before, deadline.deadlineMs]).toEqual([11_700, -Infinity]);
});
