import { describe, expect, it, vi } from 'vitest';
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

describe('a network with a form of convolutions of our own', () => {
  const FORM = '/cache/a.own.onnx';

  function formed({ failsWith }: { readonly failsWith?: string } = {}) {
    const opened: { readonly path: string; readonly channelsLast: boolean | undefined }[] = [];
    const refused: string[] = [];
    const logger = { info: vi.fn(), warn: vi.fn() };
    const models = new GpuModels(
      {
        openGpuModel: ({ path, channelsLast }): Promise<GpuModel> => {
          const id = opened.push({ path, channelsLast });
          if (path === FORM && failsWith !== undefined) {
            return Promise.reject(Object.assign(new Error('not today'), { code: failsWith }));
          }
          return Promise.resolve({ id, provider: 'cpu', graph: { isUsed: false, reason: '' }, maxBatch: 4 });
        },
        closeGpuModel: () => Promise.resolve(),
        gpuLostReason: () => undefined,
      },
      { library: '/ort.so', provider: 'cpu', maxBatch: 4 },
      {
        pathOf: (path) => Promise.resolve(refused.includes(path) ? undefined : FORM),
        refuse: (path) => Promise.resolve(void refused.push(path)),
      },
    );
    return { models, opened, refused, logger };
  }

  it('is opened in it, with channels as they are', async () => {
    const { models, opened, logger } = formed();

    await models.open(question, logger);

    expect(opened).toEqual([{ path: FORM, channelsLast: false }]);
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('is opened as it is where the form cannot be, and says why once', async () => {
    const { models, opened, refused, logger } = formed({ failsWith: 'DIPTYCH_E_MODEL' });

    await models.open(question, logger);
    await models.open(question, logger);

    expect(opened.map(({ path }) => path)).toEqual([FORM, question.path, question.path]);
    expect(refused).toEqual([question.path]);
    expect(logger.warn.mock.calls).toEqual([
      [`${question.path} is run as it is, not with convolutions of our own: not today`],
    ]);
  });

  it.each(['DIPTYCH_E_GPU', 'DIPTYCH_E_GPU_LOST'])('fails where the GPU does: %s', async (code) => {
    const { models, refused } = formed({ failsWith: code });

    await expect(models.open(question)).rejects.toMatchObject({ code });
    expect(refused).toEqual([]);
  });

  it('is opened as it is where the request says how channels lie', async () => {
    const { models, opened } = formed();

    await models.open({ ...question, channelsLast: true });

    expect(opened).toEqual([{ path: question.path, channelsLast: true }]);
  });
});
