import { describe, expect, it } from 'vitest';
import type { DecoderChoice } from '#src/stream/stages/ingest/decoder-choice.js';
import { DecoderFailure, decoderFailureOf } from '#src/stream/stages/ingest/decoder-failure.js';

const hardware: DecoderChoice = {
  codec: 'h264',
  element: 'nvh264dec',
  launch: '',
  output: '',
  memory: 'cuda',
  isHardware: true,
  reason: '',
  rejected: [],
  isAvailable: true,
};
const errorOf = (element: string, debug = '') =>
  ({ type: 'error', element, domain: 'gst-stream-error-quark', code: 1, text: 'refused', debug }) as const;

describe('decoderFailureOf', () => {
  it.each([
    { name: 'of the decoder', error: errorOf('decoder-h264', 'why') },
    { name: 'of the sink', error: errorOf('video', 'why') },
    { name: 'of a format upstream', error: errorOf('parser', 'why not-negotiated') },
  ])('takes an error for a failure of the decoder: $name', ({ error }) => {
    const failure = decoderFailureOf(error, hardware, 'video');

    expect(failure).toBeInstanceOf(DecoderFailure);
    expect(failure).toMatchObject({
      element: 'nvh264dec',
      message: expect.stringMatching(/^nvh264dec failed: refused/) as string,
    });
  });

  it.each([
    { name: 'another element', error: errorOf('source'), decoder: hardware },
    { name: 'a decoder on the CPU', error: errorOf('decoder-h264'), decoder: { ...hardware, isHardware: false } },
    { name: 'no decoder yet', error: errorOf('decoder-h264'), decoder: undefined },
  ])('does not: $name', ({ error, decoder }) => {
    expect(decoderFailureOf(error, decoder, 'video')).toBeUndefined();
  });
});
