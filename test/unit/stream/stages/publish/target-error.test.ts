import { describe, expect, it } from 'vitest';
import { explainTargetError } from '#src/stream/stages/publish/target-error.js';

const error = (code: number) =>
  ({
    type: 'error',
    domain: 'gst-resource-error-quark',
    code,
    element: 'sink',
    text: 'Connection refused ',
    debug: '',
  }) as const;

describe('explainTargetError', () => {
  it.each([
    [7, 'check host'],
    [15, 'check the stream key'],
  ])('resource error %i', (code, advice) => {
    const explained = explainTargetError(error(code), 'rtmp://x/live/***');

    expect(explained.code).toBe('DIPTYCH_E_TARGET');
    expect(explained.message).toContain('rtmp://x/live/***');
    expect(explained.message).toContain(advice);
  });
});
