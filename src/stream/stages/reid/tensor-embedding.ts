import type { Size } from '../../../shared/domain/box.js';
import type { AffineMatrix } from '../../domain/affine-matrix.js';
import type { Embedding } from '../../domain/embedding.js';
import { alignedSharpness } from './aligned-sharpness.js';
import type { EmbeddingPort } from './crop-embedder.js';

/** What embedding on the CPU needs: the pixels of one frame as a tensor, and the network. */
export interface TensorPort {
  /** Fills `tensor` with the picture warped by `matrix` (tensor → source picture). */
  warp(matrix: AffineMatrix, tensor: Float32Array): void;
  /** Embeddings of `count` inputs, which are concatenated, in the same way. */
  run(tensor: Float32Array, count: number): Promise<Float32Array>;
}

/** Shapes of the network's input and output. */
export interface TensorEmbeddingOptions {
  /** Size of the input, pixels. */
  readonly inputSize: Size;
  /** Numbers in one embedding. */
  readonly length: number;
}

/** Warping and inference with one tensor; only inputs that are sharp enough are inferred. Not re-entrant. */
export class TensorEmbedding {
  readonly #options: TensorEmbeddingOptions;
  readonly #inputLength: number;
  #tensor = new Float32Array(0);

  constructor(options: TensorEmbeddingOptions) {
    this.#options = options;
    this.#inputLength = 3 * options.inputSize.width * options.inputSize.height;
  }

  /** Embeds parts of the picture whose pixels `port` gives. */
  of(port: TensorPort): EmbeddingPort {
    return { embed: (matrices, minSharpness) => this.#embed(port, matrices, minSharpness) };
  }

  /** Runs the network once on an empty picture: first runs are slow. */
  async warmUp(run: TensorPort['run']): Promise<void> {
    await run(this.#input(0), 1);
  }

  async #embed(
    port: TensorPort,
    matrices: readonly AffineMatrix[],
    minSharpness: number,
  ): Promise<readonly (Embedding | undefined)[]> {
    const { inputSize, length } = this.#options;
    const area = inputSize.width * inputSize.height;
    let count = 0;
    const isSharp = matrices.map((matrix) => {
      const input = this.#input(count);
      port.warp(matrix, input);
      // The second plane is green, whatever the order of the colours.
      const isSharpEnough =
        minSharpness === 0 || alignedSharpness(input.subarray(area, 2 * area), inputSize) >= minSharpness;
      if (isSharpEnough) count += 1;
      return isSharpEnough;
    });
    if (count === 0) return isSharp.map(() => undefined);
    const joined = await port.run(this.#tensor.subarray(0, count * this.#inputLength), count);
    let next = 0;
    return isSharp.map((isEmbedded) => (isEmbedded ? joined.slice(next * length, ++next * length) : undefined));
  }

  /** One input of the tensor, which grows to the largest batch. */
  #input(index: number): Float32Array {
    const end = (index + 1) * this.#inputLength;
    if (this.#tensor.length < end) {
      const grown = new Float32Array(end);
      grown.set(this.#tensor);
      this.#tensor = grown;
    }
    return this.#tensor.subarray(end - this.#inputLength, end);
  }
}
