import { describe, expect, it, vi } from 'vitest';
import { gatewaySchema } from '#src/shared/config/schema.js';
import { chooseGpu } from '#src/stream/backend/gpu/gpu.adapter.js';
import type { GpuModelOptions, GpuOptions, NativeAddon } from '#src/stream/native/types.js';

const config = (over: Record<string, unknown>) => gatewaySchema.parse({ gpu: over }).gpu;

function world({ problem, lostReason }: { readonly problem?: string; readonly lostReason?: string } = {}) {
  const asked: GpuOptions[] = [];
  const addon = {
    gpuLostReason: () => lostReason,
    openGpu: (options: GpuOptions) => {
      asked.push(options);
      if (problem !== undefined) {
        return Promise.reject(Object.assign(new Error(problem), { code: 'DIPTYCH_E_GPU' }));
      }
      return Promise.resolve({ name: 'H100', capability: '9.0', driver: '13.0', kernelsFrom: 'cache' });
    },
  } as unknown as NativeAddon;
  return { addon, asked };
}

describe('chooseGpu', () => {
  it('asks nobody where it is off', async () => {
    const { addon, asked } = world();

    expect(await chooseGpu(config({ use: 'off' }), addon, {})).toEqual({ reason: 'gpu.use is off' });
    expect(asked).toEqual([]);
  });

  it.each([
    { given: { problem: 'no driver' }, reason: 'no driver' },
    { given: { lostReason: 'fell off the bus' }, reason: 'fell off the bus' },
  ])('says why there is none, or fails where it is required: $reason', async ({ given, reason }) => {
    const { addon } = world(given);

    expect(await chooseGpu(config({}), addon, {})).toEqual({ reason });
    await expect(chooseGpu(config({ use: 'require' }), addon, {})).rejects.toMatchObject({
      code: 'DIPTYCH_E_GPU',
      message: expect.stringContaining(reason) as unknown,
    });
  });

  it('refuses a provider that there is not', async () => {
    await expect(chooseGpu(config({}), world().addon, { DIPTYCH_GPU_PROVIDER: 'rocm' })).rejects.toMatchObject({
      code: 'DIPTYCH_E_CONFIG',
    });
  });

  it.each([
    ['fp32', true],
    ['fp16', false],
    ['auto', false],
  ] as const)('runs networks exactly where %s asks for it: %s', async (precision, isExact) => {
    vi.resetModules();
    const { chooseGpu: chooseFirst } = await import('#src/stream/backend/gpu/gpu.adapter.js');
    const { addon } = world();
    const opened: GpuModelOptions[] = [];
    addon.openGpuModel = (options) => {
      opened.push(options);
      return Promise.resolve({ id: 1, provider: 'cuda', graph: { isUsed: true, reason: '' }, maxBatch: 1 });
    };

    const { gpu } = await chooseFirst(config({ precision }), addon, {});
    await gpu!.models.open({
      path: '/models/a.onnx',
      inputName: 'input',
      outputNames: ['output'],
      input: { width: 64, height: 64, channels: 'RGB', order: 'nchw', mean: 0, scale: 1, pad: 0 },
    });

    expect(opened).toMatchObject([{ isExact }]);
  });

  it.each([
    { shared: {}, isThere: false },
    { shared: { isShared: false }, isThere: false },
    { shared: { isShared: true }, isThere: true },
  ])('has networks take several pictures where the process may have several streams: $shared', async (each) => {
    vi.resetModules();
    const { chooseGpu: chooseFirst } = await import('#src/stream/backend/gpu/gpu.adapter.js');

    const { gpu } = await chooseFirst({ ...config({}), ...each.shared }, world().addon, {});

    expect(gpu!.batchForms !== undefined).toBe(each.isThere);
  });

  it('opens the GPU once a process, by what configuration and environment name', async () => {
    const { addon, asked } = world();
    const environment = { DIPTYCH_LIBCUDA: '/soft.so', DIPTYCH_GPU_PROVIDER: 'cpu' };

    const [first, second] = await Promise.all([
      chooseGpu(config({ device: 1 }), addon, environment),
      chooseGpu(config({ device: 1 }), addon, environment),
    ]);

    expect(first.gpu).toBe(second.gpu);
    expect(first.gpu!.models.provider).toBe('cpu');
    expect(first.reason).toContain('H100');
    expect(asked).toMatchObject([{ device: 1, libcuda: '/soft.so' }]);
    expect(await chooseGpu(config({ device: 2 }), addon, environment)).toMatchObject({
      reason: expect.stringContaining('another GPU') as unknown,
    });
  });
});
