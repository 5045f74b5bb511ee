import { describe, expect, it } from 'vitest';
import { gpuProblem, reasons, workplace } from '#src/viewer/workplace.js';

describe('reasons', () => {
  const source = { url: 'test:', decoder: 'avdec_h264', decoderReason: 'nvh264dec failed: no surfaces' };
  const output = { width: 2, height: 2, fps: 30, encoder: 'x264enc', bitrateKbps: 1 };
  const stages = [
    { stage: 'decode', memory: 'system', reason: 'carried over' },
    { stage: 'reid', memory: 'cuda', reason: 'network on the GPU' },
  ] as const;

  it('are told for the card, decoder and encoder, and for what is done on the card', () => {
    expect(
      reasons({
        source,
        output: { ...output, encoderReason: 'no NVENC' },
        gpu: { state: 'used', reason: 'H100', stages },
      }),
    ).toEqual([
      ['GPU', 'H100'],
      ['Decoder avdec_h264', 'nvh264dec failed: no surfaces'],
      ['Encoder x264enc', 'no NVENC'],
      ['Compare faces', 'network on the GPU'],
    ]);
  });

  it('leave out what nobody knows, and what is said in red already', () => {
    expect(reasons({ source: { url: 'test:' }, output, gpu: { state: 'lost', reason: 'Xid 79', stages: [] } })).toEqual(
      [],
    );
    expect(reasons({ source: { url: 'test:' }, output })).toEqual([]);
  });
});

describe('what does the work', () => {
  const gpu = { reason: 'CUDA_ERROR_ECC_UNCORRECTABLE', stages: [] };

  it.each([
    [undefined, '–', ''],
    [{ ...gpu, state: 'used', name: 'NVIDIA H100' }, 'NVIDIA H100', ''],
    [{ ...gpu, state: 'off' }, 'CPU', ''],
    [
      { ...gpu, state: 'lost', name: 'NVIDIA H100' },
      'CPU · GPU lost',
      'The GPU was lost; the stream continues on the CPU. CUDA_ERROR_ECC_UNCORRECTABLE.',
    ],
  ] as const)('of %o is %s', (status, where, problem) => {
    expect(workplace(status)).toBe(where);
    expect(gpuProblem(status)).toBe(problem);
  });
});
