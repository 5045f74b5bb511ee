import { describe, expect, it } from 'vitest';
import { nextState } from '#src/shared/domain/transitions.js';
import {
  PROCESS_TRANSITIONS,
  takesStreams,
  type ProcessEvent,
  type ProcessState,
} from '#src/gateway/streams/process-state.js';

const after = (events: readonly ProcessEvent[]): ProcessState =>
  events.reduce<ProcessState>((state, event) => nextState(PROCESS_TRANSITIONS, state, event), 'serving');

describe('a stream process', () => {
  it.each<[string, readonly ProcessEvent[], ProcessState]>([
    ['serves from its start', ['start'], 'serving'],
    ['is stopping once its last stream was told to stop', ['start', 'stop-last'], 'stopping'],
    ['serves again when a stream starts before it ends', ['stop-last', 'start'], 'serving'],
    ['is ending once its last stream is over', ['stop-last', 'last-over'], 'ending'],
    ['is ending when its only stream is done unasked', ['last-over'], 'ending'],
    ['takes nothing back while it is ending', ['last-over', 'start', 'stop-last', 'hang'], 'ending'],
    ['is killed when its streams do not end in time', ['stop-last', 'late'], 'killed'],
    ['is killed when it hangs', ['hang'], 'killed'],
    ['is killed when it hangs while stopping', ['stop-last', 'hang'], 'killed'],
    ['is not late while it serves', ['late'], 'serving'],
    ['is reaped when its streams are over and it does not exit', ['last-over', 'late'], 'reaped'],
    ['stays killed when its last stream is over after all', ['stop-last', 'late', 'last-over', 'late'], 'killed'],
    ['never comes back', ['exit', 'start', 'stop-last', 'last-over', 'late', 'hang'], 'exited'],
  ])('%s', (_name, events, expected) => {
    expect(after(events)).toBe(expected);
  });

  it('can exit in every state', () => {
    const states = Object.keys(PROCESS_TRANSITIONS) as ProcessState[];

    expect(new Set(states.map((state) => nextState(PROCESS_TRANSITIONS, state, 'exit')))).toEqual(new Set(['exited']));
  });

  it.each<[ProcessState, boolean]>([
    ['serving', true],
    ['stopping', true],
    ['ending', false],
    ['killed', false],
    ['reaped', false],
    ['exited', false],
  ])('that is %s takes streams: %s', (state, expected) => {
    expect(takesStreams(state)).toBe(expected);
  });
});
