import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BatchForms } from '#src/stream/backend/gpu/batch-forms.adapter.js';
import type { BatchForm, BatchFormRequest } from '#src/stream/models/conversion/batch-form.adapter.js';

const input = {
  size: { width: 64, height: 64 },
  channels: 'RGB',
  order: 'nchw',
  mean: 0,
  scale: 1,
  pad: 0,
} as const;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-forms-'));
  path = join(folder, 'a.onnx');
  await writeFile(path, 'network');
});

afterEach(() => rm(folder, { recursive: true }));

function world(make: () => Promise<BatchForm>) {
  const requests: BatchFormRequest[] = [];
  const forms = new BatchForms('/cache', (request) => {
    requests.push(request);
    return make();
  });
  const logger = { info: vi.fn(), warn: vi.fn() };
  const told = () => [logger.info.mock.calls.flat(), logger.warn.mock.calls.flat()];
  return { requests, logger, told, ask: () => forms.pathOf({ path, entry: { input } }, logger) };
}

it('makes a form once, and says so once', async () => {
  const { ask, requests, told } = world(() => Promise.resolve({ path: '/cache/a.batch.onnx', isNew: true }));

  const paths = await Promise.all([ask(), ask()]);

  expect([...paths, await ask()]).toEqual(Array(3).fill('/cache/a.batch.onnx'));
  expect(requests).toEqual([{ source: path, folder: '/cache', input }]);
  expect(told()).toEqual([[`${path} takes one picture at a time; made of it for several: /cache/a.batch.onnx`], []]);
});

it.each([
  {
    what: 'a form that is there',
    form: { path: '/cache/a.batch.onnx', isNew: false },
    expected: '/cache/a.batch.onnx',
  },
  { what: 'the network itself that takes several', form: { isNew: false }, expected: undefined },
  {
    what: 'the network itself that was refused before',
    form: { isNew: false, refusal: { why: 'no', notePath: '/cache/a.failed.json' } },
    expected: undefined,
  },
])('takes $what without a word', async ({ form, expected }) => {
  const { ask, told } = world(() => Promise.resolve(form));

  expect(await ask()).toBe(expected ?? path);
  expect(told()).toEqual([[], []]);
});

it.each([
  { given: new Error('it joins each picture with a constant'), why: 'it joins each picture with a constant' },
  { given: 'text', why: 'text' },
])('takes the network itself where there can be no form, and says once why: $why', async ({ given, why }) => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever may be thrown
  const { ask, requests, told } = world(() => Promise.reject(given));

  expect([await ask(), await ask()]).toEqual([path, path]);
  expect(requests).toHaveLength(1);
  expect(told()).toEqual([[], [`${path} is asked about one picture after the other: ${why}`]]);
});

it('takes the network itself where it is refused, and says why and how to try again', async () => {
  const refusal = { why: 'it is made for one', notePath: '/cache/a.failed.json' };
  const { ask, told } = world(() => Promise.resolve({ isNew: true, refusal }));

  expect([await ask(), await ask()]).toEqual([path, path]);
  const text = `${path} is asked about one picture after the other: it is made for one; it is not tried again unless /cache/a.failed.json is removed`;
  expect(told()).toEqual([[], [text]]);
});
