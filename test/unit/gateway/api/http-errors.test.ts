import { expect, it } from 'vitest';
import { describeClientFailure, describeFailure, problemBody } from '#src/gateway/api/http-errors.js';
import { DiptychError, ERROR_CODES } from '#src/shared/domain/errors.js';

it.each([
  ['FST_ERR_BAD_URL', 400, /write % as %25/],
  ['FST_ERR_MAX_PARAM_LENGTH', 414, /at most 63/],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 400, /empty/],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 400, /no JSON that can be read/],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415, /content-type: application\/json/],
])('says what to do about %s', (code, statusCode, words) => {
  const failure = describeFailure({ code, statusCode, message: 'for programmers' });

  expect(failure).toMatchObject({ status: statusCode, code: 'DIPTYCH_E_BAD_INPUT' });
  expect(failure.message).toMatch(words);
});

it.each([
  [new DiptychError('DIPTYCH_E_NOT_FOUND', 'no'), 404, 'DIPTYCH_E_NOT_FOUND'],
  [new DiptychError('DIPTYCH_E_CONFLICT', 'no'), 409, 'DIPTYCH_E_CONFLICT'],
  [new DiptychError('DIPTYCH_E_GRAPH', 'no'), 500, 'DIPTYCH_E_GRAPH'],
  [{ statusCode: 403, message: 'Forbidden' }, 404, 'DIPTYCH_E_NOT_FOUND'],
  [{ message: 'secret' }, 500, 'DIPTYCH_E_INTERNAL'],
])('answers %s with %i', (error, status, code) => {
  const failure = describeFailure(error);

  expect(failure).toMatchObject({ status, code });
  expect(problemBody(failure, { pathPrefix: '/hall', url: '/api/v1/streams/a?b' })).toEqual({
    type: `/hall/api/v1/problems/${code}`,
    title: ERROR_CODES[failure.code],
    status,
    detail: failure.message,
    instance: '/hall/api/v1/streams/a',
    code,
    error: { code, message: failure.message },
  });
  expect(failure.message).not.toContain('secret');
});

it('says which limit a body is beyond', () => {
  const failure = describeFailure({ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413, message: 'for programmers' });

  expect(failure).toMatchObject({ status: 413, code: 'DIPTYCH_E_LIMIT_SIZE' });
  expect(failure.message).toContain('limits.bodyKb');
});

it.each([
  ['HPE_HEADER_OVERFLOW', 431, 'DIPTYCH_E_LIMIT_SIZE'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'DIPTYCH_E_LIMIT_TIME'],
  ['HPE_INVALID_METHOD', 400, 'DIPTYCH_E_BAD_INPUT'],
])('answers bytes that are no HTTP: %s with %i %s', (code, status, answered) => {
  expect(describeClientFailure({ code })).toMatchObject({ status, code: answered });
});

it.each([
  ['/a b"<é>', '/a%20b%22%3C%C3%A9%3E'],
  [`/${'x'.repeat(1000)}`, undefined],
  ['*', undefined],
  [undefined, undefined],
])('names the path %s as a URI may be written', (url, instance) => {
  const failure = describeFailure(new DiptychError('DIPTYCH_E_NOT_FOUND', 'no'));

  expect(problemBody(failure, { pathPrefix: '', url }).instance).toBe(instance);
});
