import { expect, it } from 'vitest';
import { GpuModels, type GpuModelRequest } from '#src/stream/backend/gpu/gpu-models.adapter.js';
import type { GpuModel, GpuModelOptions } from '#src/stream/native/types.js';

const question: GpuModelRequest = {
  path: '/models/a.onnx',
  inputName: 'input',
  outputNames: ['output'],
  input: { width: 64, height: 64, channels: 'RGB', order: 'nchw', mean: 0, scale: 1, pad: 0 },
};

function world({ openFails = false, closeFails = false, lostReason = undefined as string | undefined } = {}) {
  const opened: GpuModelOptions[] = [];
  const closed: number[] = [];
  const fail = (): Promise<never> => Promise.reject(Object.assign(new Error('no provider'), { code: 'DIPTYCH_E_GPU' }));
  const models = new GpuModels(
    {
      openGpuModel: (options): Promise<GpuModel> => {
        const id = opened.push(options);
        if (openFails) return fail();
        return Promise.resolve({ id, provider: 'cpu', graph: { isUsed: false, reason: '' }, maxBatch: 4 });
      },
      closeGpuModel: (id) => {
        closed.push(id);
        return closeFails ? fail() : Promise.resolve();
      },
      gpuLostReason: () => lostReason,
    },
    { library: '/ort.so', provider: 'cpu', maxBatch: 4 },
  );
  return { models, opened, closed };
}

it('opens a network with what all of the GPU have in common, and closes it once', async () => {
  const { models, opened, closed } = world();

  const model = await models.open(question);

  const common = { library: '/ort.so', provider: 'cpu', maxBatch: 4, maxWaitMs: 2 };
  expect(opened).toEqual([{ ...question, ...common, channelsLast: true }]);
  expect(model).toMatchObject({ id: 1, maxBatch: 4 });
  await Promise.all([model.close(), model.close()]);
  expect(closed).toEqual([1]);
});

it('tells why one could not be opened', async () => {
  const { models } = world({ openFails: true });

  await expect(models.open(question)).rejects.toMatchObject({ code: 'DIPTYCH_E_GPU', message: 'no provider' });
});

it('is content where what a lost card held cannot be freed', async () => {
  const onLost = await world({ closeFails: true, lostReason: 'gone' }).models.open(question);
  const onGood = await world({ closeFails: true }).models.open(question);

  await expect(onLost.close()).resolves.toBeUndefined();
  await expect(onGood.close()).rejects.toMatchObject({ code: 'DIPTYCH_E_GPU' });
});

it('keeps the channels of a network as the request says', async () => {
  const { models, opened } = world();

  await models.open({ ...question, channelsLast: false });

  expect(opened).toMatchObject([{ channelsLast: false }]);
});
