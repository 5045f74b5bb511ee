import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OwnConvolutionForms } from '#src/stream/backend/gpu/own-convolution-forms.adapter.js';
import type { OwnForm, OwnFormRequest } from '#src/stream/models/conversion/own-form.adapter.js';

let folder: string;
let path: string;
let made: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-own-forms-'));
  path = join(folder, 'a.onnx');
  made = join(folder, 'a.own.onnx');
  await Promise.all([path, made].map((file) => writeFile(file, 'network')));
});

afterEach(() => rm(folder, { recursive: true }));

function world(make: () => Promise<OwnForm>) {
  const requests: OwnFormRequest[] = [];
  const forms = new OwnConvolutionForms('/cache', (request) => {
    requests.push(request);
    return make();
  });
  const logger = { info: vi.fn(), warn: vi.fn() };
  const told = () => [logger.info.mock.calls.flat(), logger.warn.mock.calls.flat()];
  return { forms, requests, told, ask: () => forms.pathOf(path, logger) };
}

it('makes a form once, and says so once', async () => {
  const { ask, requests, told } = world(() => Promise.resolve({ path: made, report: '3 are DenseConv' }));

  const paths = await Promise.all([ask(), ask()]);

  expect([...paths, await ask()]).toEqual([made, made, made]);
  expect(requests).toEqual([{ source: path, folder: '/cache' }]);
  expect(told()).toEqual([[`convolutions of ${path} on the GPU: 3 are DenseConv`], []]);
});

it('says nothing of one that was there, or of none', async () => {
  const there = world(() => Promise.resolve({ path: made }));
  const none = world(() => Promise.resolve({}));

  expect([await there.ask(), await none.ask()]).toEqual([made, undefined]);
  expect([...there.told(), ...none.told()]).toEqual([[], [], [], []]);
});

it('gives none where it cannot be made, and says why once', async () => {
  const { ask, told } = world(() => Promise.reject(new Error('the disk is full')));

  expect([await ask(), await ask()]).toEqual([undefined, undefined]);
  expect(told()).toEqual([[], [`${path} is run as it is, not with convolutions of our own: the disk is full`]]);
});

it('removes one that is refused, and does not give it again', async () => {
  const { ask, forms, requests } = world(() => Promise.resolve({ path: made }));
  await ask();

  await forms.refuse(path);

  expect(await ask()).toBeUndefined();
  expect(requests).toHaveLength(1);
  await expect(access(made)).rejects.toThrow('ENOENT');
});
