import { describe, expect, it } from 'vitest';
import { inOwnProcess } from './own-process.js';
import { softGpu } from './soft-cuda.js';

interface Outcome {
  readonly code: string;
  readonly message: string;
}

/** Makes `frame` (512×512) and `tried(call)`, which gives the error of a call. */
const SET_UP = `
  await addon.openGpu(input);
  const size = { width: 512, height: 512 };
  const frame = addon.createFrame(size, 'NV12', new Uint8Array(512 * 512 * 1.5).fill(128));
  const tried = async (call) => {
    try { await call(); return undefined; } catch ({ code, message }) { return { code: code ?? '', message }; }
  };`;

describe('a GPU that breaks', () => {
  it('is lost for good, and every call says so', async () => {
    const outcome = await inOwnProcess<Record<string, unknown> & { readonly calls: Outcome[] }>(
      `${SET_UP}
      const uploaded = await addon.uploadFrame(frame);
      const read = await addon.uploadFrame(frame);
      addon.readFrame(read);
      const before = addon.gpuLostReason() ?? null;
      addon.injectFault();
      addon.injectFault();
      const calls = [];
      for (const call of [
        () => addon.uploadFrame(frame),
        () => addon.gpuMemory(),
        () => addon.readFrame(uploaded),
        () => addon.encodeJpeg(uploaded, 90),
      ]) calls.push(await tried(call));
      resolve({
        before,
        reason: addon.gpuLostReason(),
        calls,
        traffic: addon.gpuTraffic().toDevice.setup,
        onHost: addon.readFrame(read).length,
        live: [frame, uploaded, read].map((handle) => addon.release(handle)) && addon.liveFrames(),
      });`,
      softGpu(),
    );

    expect(outcome).toMatchObject({ before: null, traffic: 2 * 512 * 512 * 1.5, onHost: 512 * 512 * 1.5, live: 0 });
    expect(outcome['reason']).toMatch(/CUDA_ERROR_ILLEGAL_ADDRESS/);
    for (const call of outcome.calls) {
      expect(call).toEqual({
        code: 'DIPTYCH_E_GPU_LOST',
        message: expect.stringMatching(/CUDA_ERROR_ILLEGAL_ADDRESS.*; look for an Xid .* restart/) as string,
      });
    }
  });
});

describe('a GPU whose memory is used up', () => {
  it('is not lost, and serves again when pictures were freed', async () => {
    const outcome = await inOwnProcess<Record<string, unknown>>(
      `${SET_UP}
      const held = [];
      let failure;
      while (failure === undefined) failure = await tried(async () => held.push(await addon.uploadFrame(frame)));
      const { freeBytes, ownBytes } = addon.gpuMemory();
      addon.release(held[0]);
      resolve({
        failure,
        held: held.length,
        freeBytes,
        ownBytes,
        lost: addon.gpuLostReason() ?? null,
        again: (await tried(() => addon.uploadFrame(frame))) ?? null,
      });`,
      softGpu(),
      { SOFTCUDA_MEMORY_MB: '2' },
    );

    expect(outcome).toEqual({
      failure: {
        code: 'DIPTYCH_E_GPU_LOST',
        message: expect.stringMatching(/CUDA_ERROR_OUT_OF_MEMORY.*; run fewer streams/) as string,
      },
      held: 5,
      freeBytes: 2 ** 21 - 5 * 512 * 512 * 1.5,
      ownBytes: 5 * 512 * 512 * 1.5,
      lost: null,
      again: null,
    });
  });
});
