import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { floatsOf, floatTensor, integersOf, integerTensor, sizeOf } from '#src/stream/onnx/onnx-tensor.js';
import { TensorProtoSchema } from '#src/stream/onnx/schema/onnx_pb.js';

const tensor = (content: MessageInitShape<typeof TensorProtoSchema>) =>
  create(TensorProtoSchema, { name: 'w', ...content });

describe('numbers of a tensor', () => {
  it('are read as they were written', () => {
    expect([...floatsOf(floatTensor('w', [2, 2], Float32Array.of(1, -0.5, 3e38, 0)))]).toEqual([
      ...Float32Array.of(1, -0.5, 3e38, 0),
    ]);
    expect(integersOf(integerTensor('w', [3], [1n, -1n, 2n ** 62n]))).toEqual([1n, -1n, 2n ** 62n]);
  });

  it('are read from bytes that begin anywhere', () => {
    const bytes = Uint8Array.of(9, 0, 0, 0x80, 0x3f).subarray(1);
    expect([...floatsOf(tensor({ dims: [1n], rawData: bytes }))]).toEqual([1]);
  });

  it('are read where the file has them as numbers', () => {
    expect([...floatsOf(tensor({ dims: [2n], floatData: [1, 2] }))]).toEqual([1, 2]);
    expect(integersOf(tensor({ dims: [2n], int64Data: [5n, -6n] }))).toEqual([5n, -6n]);
  });

  it('are none, or one', () => {
    expect([...floatsOf(tensor({ dims: [0n, 3n] }))]).toEqual([]);
    expect([...floatsOf(floatTensor('w', [], Float32Array.of(7)))]).toEqual([7]);
    expect([sizeOf(tensor({ dims: [] })), sizeOf(tensor({ dims: [2n, 3n] }))]).toEqual([1, 6]);
  });
});

describe('a damaged tensor', () => {
  it.each<[string, () => unknown, string]>([
    ['too few bytes', () => floatsOf(tensor({ dims: [2n], rawData: new Uint8Array(7) })), 'shape [2] has 7 bytes'],
    ['too many', () => integersOf(tensor({ dims: [1n], rawData: new Uint8Array(16) })), 'shape [1] has 16 bytes'],
    ['no numbers', () => floatsOf(tensor({ dims: [2n, 2n] })), 'shape [2, 2] has 0 numbers'],
    ['too many numbers', () => integersOf(tensor({ dims: [], int64Data: [1n, 2n] })), 'shape [] has 2 numbers'],
    ['a size below 0', () => floatsOf(tensor({ dims: [-1n], floatData: [1] })), 'shape [-1] has 1 numbers'],
  ])('with %s is refused', (_, read, message) => {
    expect(read).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL', message: expect.stringContaining(message) as string }),
    );
  });
});
