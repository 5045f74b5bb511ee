import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { takeAnyInputSize } from '#src/stream/onnx/any-input-size.js';
import { decodeOnnx, encodeOnnx } from '#src/stream/onnx/onnx-file.js';

/** What BlazeFace gives for a picture of waves, in the order of its outputs. */
async function outputs(size: { readonly width: number; readonly height: number }, content?: Uint8Array) {
  const { path, entry } = await new ModelStore().fetch('blazeface');
  const session = await OnnxSession.open({ path, content, threads: 1, outputNames: entry.outputs });
  const picture = Float32Array.from({ length: 3 * size.width * size.height }, (_, i) => Math.sin(i / 97));
  try {
    return (await session.run(picture, [1, size.height, size.width, 3])).map(({ data, dims }) => ({
      dims,
      data: Float32Array.from(data),
    }));
  } finally {
    await session.close();
  }
}

async function anySize(): Promise<Uint8Array> {
  const { path } = await new ModelStore().fetch('blazeface');
  const model = decodeOnnx(await readFile(path), path);
  expect(takeAnyInputSize(model)).toBe(true);
  return encodeOnnx(model);
}

it('BlazeFace gives the same numbers as before at its own size', async () => {
  const size = { width: 256, height: 256 };
  const expected = await outputs(size);

  const got = await outputs(size, await anySize());

  for (const [i, { dims, data }] of expected.entries()) {
    expect(got[i]!.dims).toEqual(dims);
    expect(Math.max(...data.map((value, k) => Math.abs(value - got[i]!.data[k]!)))).toBeLessThan(1e-2);
  }
});

it('BlazeFace gives as many boxes as a picture of other sides has cells', async () => {
  const got = await outputs({ width: 256, height: 160 }, await anySize());

  expect(got.map(({ dims }) => dims)).toEqual([
    [1, 320, 1],
    [1, 240, 1],
    [1, 320, 16],
    [1, 240, 16],
  ]);
});
