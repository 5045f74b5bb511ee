import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTestAddon } from '../native/test-addon.js';
import type { GpuInfo, GpuOptions } from '#src/stream/native/types.js';
import { inOwnProcess } from './own-process.js';
import { softGpu } from './soft-cuda.js';

const addon = loadTestAddon();

let folder: string;
let cache: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-gpu-'));
  cache = join(folder, 'cache', 'kernels');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const openElsewhere = (options: GpuOptions): Promise<GpuInfo> =>
  inOwnProcess<GpuInfo>('resolve(await addon.openGpu(input));', options);

describe('before a GPU is open', () => {
  it('tells that there is none, and no reason why one would be lost', () => {
    expect(addon.gpuLostReason()).toBeUndefined();
    expect(() => addon.gpuTraffic()).toThrow(/openGpu/);
    expect(() => addon.gpuMemory()).toThrow(/openGpu/);
    expect(() => addon.injectFault()).toThrow(/openGpu/);
  });

  it.each<[string, Partial<GpuOptions>, RegExp]>([
    [
      'driver',
      { libcuda: '/nowhere/libcuda.so.1' },
      /driver could not be opened \(.*\/nowhere.*; install the NVIDIA driver/,
    ],
    ['GPU', { device: 3 }, /there is no GPU 3, the driver shows 1; .*CUDA_VISIBLE_DEVICES/],
    ['compiler', { libnvrtc: '/nowhere/libnvrtc.so' }, /NVRTC could not be opened as \/nowhere\/libnvrtc.so/],
    ['kernels', { kernels: '/nowhere' }, /no kernels were found in \/nowhere/],
  ])('says which %s is missing and what to do', async (_, missing, message) => {
    await expect(addon.openGpu(softGpu(missing))).rejects.toMatchObject({
      code: 'DIPTYCH_E_GPU',
      message: expect.stringMatching(message) as string,
    });
  });

  it('takes no library that is no driver', async () => {
    const { libnvrtc } = softGpu();

    await expect(addon.openGpu(softGpu({ libcuda: libnvrtc as string }))).rejects.toMatchObject({
      code: 'DIPTYCH_E_GPU',
      message: expect.stringMatching(/has no cu\w+; install a driver/) as string,
    });
  });

  it('refuses a GPU that is too old', async () => {
    const opening = inOwnProcess('resolve(await addon.openGpu(input));', softGpu(), { SOFTCUDA_CAPABILITY: '5.2' });

    await expect(opening).rejects.toThrow(/DIPTYCH_E_GPU GPU 0 \(Soft CUDA\) has compute capability 5.2; use a GPU/);
  });

  it('shows the words of the compiler where a kernel is wrong', async () => {
    const kernels = await mkdtemp(join(folder, 'wrong-'));
    await writeFile(join(kernels, 'wrong.cu'), 'this is no kernel;');

    await expect(addon.openGpu(softGpu({ kernels }))).rejects.toThrow(
      /wrong.cu could not be compiled by NVRTC 13.0[^]*error/,
    );
  });

  it.each([
    [{ device: -1 }, /options.device: expected a whole number/],
    [{ kernels: 1 }, /options.kernels: expected a string/],
    [{ libcuda: 1 }, /options.libcuda: expected a string/],
  ])('refuses %j as options', (wrong, message) => {
    expect(() => addon.openGpu({ ...softGpu(), ...wrong } as GpuOptions)).toThrow(message);
  });
});

describe('kernels', () => {
  it('are compiled once and then come from the cache', async () => {
    const first = await openElsewhere(softGpu({ cache }));
    const second = await openElsewhere(softGpu({ cache }));

    expect(first).toEqual({
      name: 'Soft CUDA',
      capability: '9.0',
      driver: '13.0',
      totalBytes: 8192 * 2 ** 20,
      kernelsFrom: 'NVRTC 13.0',
      gstreamer: 'own',
    });
    expect(second).toEqual({ ...first, kernelsFrom: 'cache' });
  });

  it('are compiled again where the cache is damaged', async () => {
    const [name] = await readdir(cache);
    const path = join(cache, name as string);
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, whole.length - 1));

    expect((await openElsewhere(softGpu({ cache }))).kernelsFrom).toBe('NVRTC 13.0');
    expect(await readFile(path)).toHaveLength(whole.length);
  });

  it('of another GPU are others', async () => {
    const before = (await readdir(cache)).length;

    await inOwnProcess('resolve(await addon.openGpu(input));', softGpu({ cache }), { SOFTCUDA_CAPABILITY: '8.6' });

    expect(await readdir(cache)).toHaveLength(2 * before);
  });

  it('of a GPU newer than the compiler are PTX of the newest that it knows', async () => {
    await inOwnProcess('resolve(await addon.openGpu(input));', softGpu({ cache }), { SOFTCUDA_CAPABILITY: '12.0' });

    expect((await readdir(cache)).some((name) => name.endsWith('.ptx'))).toBe(true);
  });

  it('that the driver does not take are not used', async () => {
    const kernels = await mkdtemp(join(folder, 'strange-'));
    const other = join(folder, 'other');
    await writeFile(join(kernels, 'strange.cu'), '#include "strange.h"');
    // What the compiler makes of it cannot be loaded: a function is missing.
    await writeFile(join(kernels, 'strange.h'), 'extern "C" void nowhere(); void (*strange)() = &nowhere;');

    await expect(openElsewhere(softGpu({ cache: other, kernels }))).rejects.toThrow(
      /driver \(CUDA 13.0\) does not take the kernels from NVRTC 13.0.*; install an NVRTC/,
    );
  });

  it('need no cache that can be written', async () => {
    const opened = await openElsewhere(softGpu({ cache: '/dev/null/cache' }));

    expect(opened.kernelsFrom).toBe('NVRTC 13.0');
  });
});

describe('an open GPU', () => {
  it('is the same when it is opened again', async () => {
    const [first, second] = await Promise.all([addon.openGpu(softGpu()), addon.openGpu(softGpu())]);

    expect(second).toEqual(first);
    expect(addon.gpuMemory()).toEqual({ freeBytes: 2 ** 33, totalBytes: 2 ** 33, ownBytes: 0 });
    expect(addon.gpuTraffic()).toEqual({
      toDevice: { frame: 0, result: 0, setup: 0 },
      toHost: { frame: 0, result: 0, setup: 0 },
    });
  });
});
