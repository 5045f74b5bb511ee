import { expect, it } from 'vitest';
import { nextState, type Transitions } from '#src/shared/domain/transitions.js';

const DOOR: Transitions<'open' | 'shut' | 'locked', 'push' | 'turn'> = {
  open: { push: 'shut' },
  shut: { push: 'open', turn: 'locked' },
  locked: { turn: 'shut' },
};

it.each([
  ['open', 'push', 'shut'],
  ['shut', 'turn', 'locked'],
  ['locked', 'push', 'locked'],
  ['open', 'turn', 'open'],
] as const)('%s, %s: %s', (state, event, expected) => {
  expect(nextState(DOOR, state, event)).toBe(expected);
});
