import { describe, expect, it } from 'vitest';
import { chooseDecoders } from '#src/stream/stages/ingest/decoder-choice.js';
import { fileDecoding } from '#src/stream/stages/ingest/file-decoding.js';

const choices = (...elements: string[]): ReturnType<typeof chooseDecoders> =>
  chooseDecoders(
    { has: (element) => elements.includes(element), rankOf: () => 256, propertiesOf: () => [] },
    { memory: 'cuda' },
  );

describe('fileDecoding', () => {
  it('decodes H.264 and H.265 on the GPU where it can', () => {
    const both = choices('nvh264dec', 'nvh265dec');

    expect(fileDecoding({ codec: 'h264', isTurned: false }, both).choice?.element).toBe('nvh264dec');
    expect(fileDecoding({ codec: 'h265', isTurned: false }, both).choice?.element).toBe('nvh265dec');
  });

  it.each([
    ['another codec', { isTurned: false }, 'neither H.264 nor H.265'],
    ['turned pictures', { codec: 'h264', isTurned: true }, 'turned'],
    ['no decoder', { codec: 'h265', isTurned: false }, 'nvh265dec'],
  ] as const)('says why it does not: %s', (_, content, reason) => {
    expect(fileDecoding(content, choices('nvh264dec', 'avdec_h265')).reason).toContain(reason);
  });
});
