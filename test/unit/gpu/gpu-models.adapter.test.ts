import { expect, it } from 'vitest';
import { GpuModels, type GpuModelQuestion } from '#gpu/gpu-models.adapter.js';
import type { GpuModel, GpuModelOptions, NativeAddon } from '#native/types.js';

const question: GpuModelQuestion = {
  path: '/models/a.onnx',
  inputName: 'input',
  outputNames: ['output'],
  input: { width: 64, height: 64, channels: 'RGB', order: 'nchw', mean: 0, scale: 1, pad: 0 },
};

function world({ fails = false, isLost = false } = {}) {
  const opened: GpuModelOptions[] = [];
  const closed: number[] = [];
  const addon = {
    openGpuModel: async (options: GpuModelOptions): Promise<GpuModel> => {
      const id = opened.push(options);
      await Promise.resolve();
      if (fails) throw Object.assign(new Error('no provider'), { code: 'DIPTYCH_E_GPU' });
      return { id, provider: 'cpu', graph: { isUsed: false, reason: '' }, maxBatch: options.maxBatch };
    },
    closeGpuModel: async (id: number): Promise<void> => {
      closed.push(id);
      await Promise.resolve();
      if (isLost) throw Object.assign(new Error('lost'), { code: 'DIPTYCH_E_GPU_LOST' });
    },
    gpuLostReason: () => (isLost ? 'lost' : undefined),
  } as unknown as NativeAddon;
  const models = new GpuModels(addon, { library: '/ort.so', provider: 'cpu', maxBatch: 4 });
  return { models, opened, closed };
}

it('opens a network once for all who ask, and frees it after the last', async () => {
  const { models, opened, closed } = world();

  const [first, second] = await Promise.all([models.open(question), models.open(question)]);

  expect(first.id).toBe(second.id);
  expect(opened).toMatchObject([{ path: '/models/a.onnx', library: '/ort.so', maxBatch: 4, maxWaitMs: 2 }]);
  await first.close();
  await first.close();
  expect(closed).toEqual([]);
  await second.close();
  expect(closed).toEqual([1]);
  expect((await models.open(question)).id).toBe(2);
});

it('keeps networks of other files and sizes apart', async () => {
  const { models } = world();

  const ids = await Promise.all(
    [question, { ...question, path: '/b.onnx' }, { ...question, input: { ...question.input, width: 32 } }].map(
      async (each) => (await models.open(each)).id,
    ),
  );

  expect(new Set(ids).size).toBe(3);
});

it('tells why one could not be opened, and tries again when asked again', async () => {
  const { models, opened } = world({ fails: true });

  await expect(models.open(question)).rejects.toMatchObject({ code: 'DIPTYCH_E_GPU', message: 'no provider' });
  await expect(models.open(question)).rejects.toMatchObject({ code: 'DIPTYCH_E_GPU' });
  expect(opened).toHaveLength(2);
});

it('closes what was on a card that is lost', async () => {
  const { models, closed } = world({ isLost: true });

  await (await models.open(question)).close();

  expect(closed).toEqual([1]);
});
