import type { Box, Point, Size } from '#domain/box.js';
import type { Embedding } from '#domain/embedding.js';
import { fitSimilarity, stretchOver, type AffineMatrix } from './align.js';
import { geometricFlaw, isBlurred, sharpnessBox, type Crop, type CropFlaw } from './face-quality.js';

/** What embedding needs of the world: pixels of one frame into a tensor, and a network's answer to it. */
export interface EmbeddingPort {
  /** Fills `tensor` with the picture warped by `matrix` (tensor → source). */
  warp(matrix: AffineMatrix, tensor: Float32Array): void;
  /** Variance of the Laplacian of the luma in the box. */
  sharpness(box: Box): number;
  /** Embeddings of `count` inputs that lie one behind the other, joined in the same way. */
  run(tensor: Float32Array, count: number): Promise<Float32Array>;
}

/** How the subject is placed in the input. */
export type Alignment =
  /** Where the five landmarks come to lie, pixels of the input. */
  | { readonly type: 'landmarks'; readonly points: readonly Point[] }
  /** The detection's box, stretched over the input. */
  | { readonly type: 'box' };

export interface CropEmbedderOptions {
  readonly inputSize: Size;
  /** Numbers in one embedding. */
  readonly length: number;
  readonly alignment: Alignment;
}

/** An embedding, or why there is none. */
export type CropAnswer = { readonly embedding: Embedding } | { readonly flaw: CropFlaw };

/** More crops than this are worked on one batch after the other, to bound memory. */
const MAX_BATCH = 8;

/** Embeds crops of one frame after the other, all that are good enough in one batch. Not re-entrant. */
export class CropEmbedder {
  readonly #options: CropEmbedderOptions;
  readonly #inputLength: number;
  #tensor: Float32Array;

  constructor(options: CropEmbedderOptions) {
    this.#options = options;
    this.#inputLength = 3 * options.inputSize.width * options.inputSize.height;
    this.#tensor = new Float32Array(this.#inputLength);
  }

  /** One answer for each crop, in their order. */
  async embed(port: EmbeddingPort, picture: Size, crops: readonly Crop[]): Promise<readonly CropAnswer[]> {
    const examined = crops.map((crop) => this.#examine(port, picture, crop));
    const matrices = examined.filter((found) => typeof found !== 'string');
    const embeddings: Embedding[] = [];
    for (let first = 0; first < matrices.length; first += MAX_BATCH) {
      embeddings.push(...(await this.#embedBatch(port, matrices.slice(first, first + MAX_BATCH))));
    }
    let next = 0;
    return examined.map((found) => (typeof found === 'string' ? { flaw: found } : { embedding: embeddings[next++]! }));
  }

  /** One inference on an empty picture, so that the first crop meets a network that is ready. */
  async warmUp(port: Pick<EmbeddingPort, 'run'>): Promise<void> {
    await port.run(this.#tensor, 1);
  }

  /** How to warp a crop that is good enough. */
  #examine(port: EmbeddingPort, picture: Size, crop: Crop): AffineMatrix | CropFlaw {
    const { alignment, inputSize } = this.#options;
    const flaw = geometricFlaw(crop, picture, alignment.type === 'landmarks');
    if (flaw !== undefined) return flaw;
    if (isBlurred(crop, port.sharpness(sharpnessBox(crop)))) return 'blurred';
    if (alignment.type === 'box') return stretchOver(inputSize, crop.box);
    return fitSimilarity(alignment.points, crop.landmarks ?? []) ?? 'no-landmarks';
  }

  async #embedBatch(port: EmbeddingPort, matrices: readonly AffineMatrix[]): Promise<readonly Embedding[]> {
    const tensor = this.#tensorFor(matrices.length);
    for (const [i, matrix] of matrices.entries()) {
      port.warp(matrix, tensor.subarray(i * this.#inputLength, (i + 1) * this.#inputLength));
    }
    const { length } = this.#options;
    const joined = await port.run(tensor, matrices.length);
    return matrices.map((_, i) => joined.slice(i * length, (i + 1) * length));
  }

  /** A part of one buffer that grows to the largest batch. */
  #tensorFor(count: number): Float32Array {
    const length = count * this.#inputLength;
    if (this.#tensor.length < length) this.#tensor = new Float32Array(length);
    return this.#tensor.subarray(0, length);
  }
}
