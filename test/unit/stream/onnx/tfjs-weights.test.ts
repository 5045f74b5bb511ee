import { describe, expect, it } from 'vitest';
import { readTfjsWeights } from '#src/stream/onnx/tfjs-weights.js';

const manifest = (...weights: readonly object[]): string => JSON.stringify([{ weights, paths: ['a.bin'] }]);
const weight = (name: string, shape: readonly number[], quantization?: object): object => ({
  name,
  shape,
  dtype: 'float32',
  ...(quantization === undefined ? {} : { quantization }),
});

describe('readTfjsWeights', () => {
  it('restores each kind of number, wherever it begins', () => {
    const data = new Uint8Array(3 + 4 + 4);
    const view = new DataView(data.buffer);
    data.set([0, 1, 255]);
    view.setFloat32(3, -1.5, true);
    view.setUint16(7, 2, true);
    view.setUint16(9, 65535, true);

    const weights = readTfjsWeights(
      manifest(
        weight('bytes', [3], { dtype: 'uint8', scale: 0.5, min: -10 }),
        weight('plain', []),
        weight('words', [2, 1], { dtype: 'uint16', scale: 2, min: 1 }),
      ),
      data,
    );

    expect(Object.fromEntries(weights)).toEqual({
      bytes: { shape: [3], data: Float32Array.of(-10, -9.5, 117.5) },
      plain: { shape: [], data: Float32Array.of(-1.5) },
      words: { shape: [2, 1], data: Float32Array.of(5, 131071) },
    });
  });

  it('reads whole numbers and 16-bit floats', () => {
    const data = new Uint8Array(4 + 2 * 6);
    const view = new DataView(data.buffer);
    view.setInt32(0, -7, true);
    for (const [i, bits] of [0x3c00, 0xc100, 0x0001, 0x7bff, 0xfc00, 0x0000].entries()) {
      view.setUint16(4 + 2 * i, bits, true);
    }

    const weights = readTfjsWeights(
      manifest({ name: 'whole', shape: [], dtype: 'int32' }, weight('half', [6], { dtype: 'float16' })),
      data,
    );

    expect(weights.get('whole')?.data).toEqual(Int32Array.of(-7));
    expect(weights.get('half')?.data).toEqual(Float32Array.of(1, -2.5, 2 ** -24, 65504, -Infinity, 0));
  });

  it('reads a part of a larger buffer', () => {
    const data = Uint8Array.of(9, 9, 0, 0, 128, 63).subarray(2);

    expect(readTfjsWeights(manifest(weight('one', [1])), data).get('one')?.data).toEqual(Float32Array.of(1));
  });

  it.each<[string, string, number, string]>([
    ['text that is not JSON', '{', 0, 'not JSON'],
    ['another form', '{"weights": []}', 0, 'top level'],
    ['text', manifest({ name: 'a', shape: [1], dtype: 'string' }), 4, '0.weights.0.dtype'],
    [
      'quantised whole numbers',
      manifest({ name: 'a', shape: [1], dtype: 'int32', quantization: { dtype: 'float16' } }),
      4,
      'integers are quantised',
    ],
    ['data that is too short', manifest(weight('a', [2])), 7, 'a ends at byte 8 of 7'],
    ['data that is too long', manifest(weight('a', [2])), 9, '1 bytes more'],
  ])('refuses %s', (_, json, bytes, message) => {
    expect(() => readTfjsWeights(json, new Uint8Array(bytes))).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL', message: expect.stringContaining(message) as unknown }),
    );
  });
});
