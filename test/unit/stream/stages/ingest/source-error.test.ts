import { describe, expect, it } from 'vitest';
import { explainSourceError, isEndOfConnection } from '#src/stream/stages/ingest/source-error.js';

const error = (domain: string, code: number) =>
  ({ type: 'error', domain, code, element: 'source', text: 'It broke.', debug: 'where' }) as const;

describe('explainSourceError', () => {
  it.each([
    ['gst-resource-error-quark', 15, 'DIPTYCH_E_SOURCE_AUTH'],
    ['gst-resource-error-quark', 3, 'DIPTYCH_E_SOURCE_UNREACHABLE'],
    ['gst-resource-error-quark', 7, 'DIPTYCH_E_SOURCE_UNREACHABLE'],
    ['gst-resource-error-quark', 9, 'DIPTYCH_E_SOURCE_UNREACHABLE'],
    ['gst-stream-error-quark', 1, 'DIPTYCH_E_SOURCE_FORMAT'],
    ['gst-stream-error-quark', 6, 'DIPTYCH_E_SOURCE_FORMAT'],
    ['gst-core-error-quark', 12, 'DIPTYCH_E_SOURCE_FORMAT'],
    ['gst-core-error-quark', 11, 'DIPTYCH_E_SOURCE_FORMAT'],
    ['gst-library-error-quark', 1, 'DIPTYCH_E_GRAPH'],
  ])('%s %i is %s', (domain, code, expected) => {
    const explained = explainSourceError(error(domain, code), 'rtsp://cam');

    expect(explained.code).toBe(expected);
    expect(explained.message).toContain('rtsp://cam');
  });
});

describe('isEndOfConnection', () => {
  it.each([
    ['gst-resource-error-quark', 'gstrtspsrc.c(1): The server closed the connection.', true],
    ['gst-resource-error-quark', 'a packet was lost', false],
    ['gst-stream-error-quark', 'The server closed the connection.', false],
  ])('%s, %s: %s', (domain, debug, expected) => {
    expect(isEndOfConnection({ ...error(domain, 9), type: 'warning', debug })).toBe(expected);
  });
});
