import { describe, expect, it } from 'vitest';
import { DiptychError, type ErrorCode } from '#src/shared/domain/errors.js';
import { errorOfState, stateWithoutSource } from '#src/shared/domain/state-error.js';
import { problemOf, statusError, type StatusError } from '#src/shared/domain/status-error.js';
import { STREAM_STATES, type StreamState } from '#src/shared/domain/stream-status.js';

const last: StatusError = {
  code: 'DIPTYCH_E_SOURCE_PATH',
  message: 'no stream there',
  nextTryAt: '2026-01-01T00:00:00.000Z',
};

describe('the error of a stream', () => {
  it('is there in every state but live, with a code and words', () => {
    const errors = STREAM_STATES.map((state) => [state, errorOfState(state, undefined)] as const);

    expect(errors.filter(([, error]) => error === undefined)).toEqual([['live', undefined]]);
    for (const [, error] of errors.slice(1)) expect(error?.message.length ?? 99).toBeGreaterThan(20);
  });

  it.each<[StreamState, boolean]>([
    ['connecting', true],
    ['offline', true],
    ['unauthorized', true],
    ['failed', true],
    ['waiting_for_keyframe', false],
    ['overloaded', false],
    ['frozen', false],
    ['stalled', false],
  ])('in the state %s is what failed last: %s', (state, isLast) => {
    expect(errorOfState(state, last) === last).toBe(isLast);
  });

  it.each<[ErrorCode | undefined, boolean, StreamState]>([
    [undefined, false, 'connecting'],
    ['DIPTYCH_E_SOURCE_REFUSED', false, 'connecting'],
    ['DIPTYCH_E_SOURCE_REFUSED', true, 'offline'],
    ['DIPTYCH_E_SOURCE_AUTH', true, 'unauthorized'],
    ['DIPTYCH_E_SOURCE_FILE', false, 'failed'],
    ['DIPTYCH_E_CONFIG', false, 'failed'],
    ['DIPTYCH_E_ELEMENT_MISSING', true, 'failed'],
  ])('%s, after frames: %s, means %s', (code, hadFrames, state) => {
    expect(stateWithoutSource(code, hadFrames)).toBe(state);
  });

  it.each<[unknown, object]>([
    [new DiptychError('DIPTYCH_E_MEDIA', 'no port'), { code: 'DIPTYCH_E_MEDIA', message: 'no port' }],
    [new Error('oops'), { code: 'DIPTYCH_E_TARGET', message: 'oops' }],
    ['oops', { code: 'DIPTYCH_E_TARGET', message: 'oops' }],
  ])('keeps the reason of %s, and says when it is tried again', (error, problem) => {
    const status = statusError(problemOf(error, 'DIPTYCH_E_TARGET'), 1000);

    expect(status).toEqual({ ...problem, nextTryAt: '1970-01-01T00:00:01.000Z' });
  });
});
