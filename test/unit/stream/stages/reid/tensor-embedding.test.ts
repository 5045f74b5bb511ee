import { describe, expect, it } from 'vitest';
import type { AffineMatrix } from '#src/stream/domain/affine-matrix.js';
import { TensorEmbedding, type TensorPort } from '#src/stream/stages/reid/tensor-embedding.js';

const inputSize = { width: 50, height: 50 };

/** The picture at `x`: fine detail, except from x = 1000 on, where all is blurred. */
const at = (x: number): AffineMatrix => [2, 0, x, 0, 2, 400];

class FakePort implements TensorPort {
  readonly batches: number[] = [];

  warp(matrix: AffineMatrix, tensor: Float32Array): void {
    tensor.forEach((_, i) => (tensor[i] = matrix[2] >= 1000 ? (i % 50) / 50 : i % 2));
    tensor[0] = matrix[2];
  }

  /** The embedding of an input is its first number and the count of its batch. */
  run(tensor: Float32Array, count: number): Promise<Float32Array> {
    this.batches.push(count);
    const length = tensor.length / count;
    return Promise.resolve(
      Float32Array.from({ length: count * 2 }, (_, i) => (i % 2 === 0 ? tensor[(i / 2) * length]! : count)),
    );
  }
}

const tensors = () => new TensorEmbedding({ inputSize, length: 2 });

describe('TensorEmbedding', () => {
  it('runs what is sharp enough in one batch and answers in order', async () => {
    const port = new FakePort();

    const answers = await tensors()
      .of(port)
      .embed([at(100), at(1200), at(300)], 0.15);

    expect(answers).toEqual([Float32Array.of(100, 2), undefined, Float32Array.of(300, 2)]);
    expect(port.batches).toEqual([2]);
  });

  it('does not ask about blur where any will do', async () => {
    const port = new FakePort();

    expect(
      await tensors()
        .of(port)
        .embed([at(1200)], 0),
    ).toEqual([Float32Array.of(1200, 1)]);
  });

  it('runs nothing where all is blurred', async () => {
    const port = new FakePort();

    expect(
      await tensors()
        .of(port)
        .embed([at(1200), at(1300)], 0.15),
    ).toEqual([undefined, undefined]);
    expect(port.batches).toEqual([]);
  });

  it('warms the network up with one empty input', async () => {
    const port = new FakePort();

    await tensors().warmUp((tensor, count) => port.run(tensor, count));

    expect(port.batches).toEqual([1]);
  });
});
