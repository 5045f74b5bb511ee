import { describe, expect, it } from 'vitest';
import { nextState } from '#src/shared/domain/transitions.js';
import { RETRY_TRANSITIONS, type RetryEvent, type RetryState } from '#src/shared/retry/retry-state.js';

describe('the states of a retry loop', () => {
  it.each<[string, readonly RetryEvent[], RetryState]>([
    ['starts', ['start'], 'running'],
    ['fails and comes back', ['start', 'fail', 'due'], 'running'],
    ['fails and is not waited for', ['start', 'fail', 'restart'], 'running'],
    ['is done', ['start', 'return'], 'done'],
    ['is done and started again', ['start', 'return', 'start'], 'running'],
    ['is given up', ['start', 'give-up'], 'failed'],
    ['is given up and started again', ['start', 'give-up', 'start'], 'running'],
    ['is stopped while it waits, for good', ['start', 'fail', 'stop', 'start', 'due', 'restart'], 'stopped'],
    ['is restarted before it starts', ['restart'], 'idle'],
    ['is done before it starts', ['return'], 'idle'],
    ['is done twice', ['start', 'return', 'fail'], 'done'],
  ])('one that %s', (_name, events, expected) => {
    const state = events.reduce<RetryState>((before, event) => nextState(RETRY_TRANSITIONS, before, event), 'idle');

    expect(state).toBe(expected);
  });

  it('lead to the end from everywhere', () => {
    const states = Object.keys(RETRY_TRANSITIONS) as RetryState[];

    expect(states.map((state) => nextState(RETRY_TRANSITIONS, state, 'stop'))).toEqual(states.map(() => 'stopped'));
  });
});
