import { expect, it } from 'vitest';
import { guardRow } from '#src/bench/guard-verdict.js';

const rounds = [
  { cost: 2.2, floor: 1 },
  { cost: 4, floor: 2 },
  { cost: 9, floor: 3 },
];

it('is the median of cost by floor, with the lowest and highest round', () => {
  expect(guardRow('chain', rounds, 2)).toMatchObject({ name: 'chain', ratio: 2.2, spread: [2, 3], recorded: 2 });
});

it.each([
  ['better', 4, -0.45, true],
  ['a little dearer', 2, 0.1, true],
  ['15 % dearer', 2.2 / 1.15, 0.15, true],
  ['more than that', 1.9, 0.158, false],
])('judges what became %s', (_, recorded, change, passed) => {
  expect(guardRow('chain', rounds, recorded)).toMatchObject({ change, passed });
});
