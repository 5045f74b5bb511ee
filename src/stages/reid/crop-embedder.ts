import type { Point, Size } from '#domain/box.js';
import type { Embedding } from '#domain/embedding.js';
import { fitSimilarity, stretchOver, type AffineMatrix } from './align.js';
import { alignedSharpness } from './aligned-sharpness.js';
import { geometricFlaw, type Crop, type CropFlaw } from './face-quality.js';

/** What embedding needs of the world: pixels of one frame into a tensor, and a network's answer to it. */
export interface EmbeddingPort {
  /** Fills `tensor` with the picture warped by `matrix` (tensor → source). */
  warp(matrix: AffineMatrix, tensor: Float32Array): void;
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

/** Less `alignedSharpness` is a blur of more than 7 % of the distance of the eyes: too much is lost. */
const MIN_SHARPNESS = 0.15;

/** Embeds crops of one frame after the other, all that are good enough in one batch. Not re-entrant. */
export class CropEmbedder {
  readonly #options: CropEmbedderOptions;
  readonly #inputLength: number;
  #tensor = new Float32Array(0);

  constructor(options: CropEmbedderOptions) {
    this.#options = options;
    this.#inputLength = 3 * options.inputSize.width * options.inputSize.height;
  }

  /** One answer for each crop, in their order. */
  async embed(port: EmbeddingPort, picture: Size, crops: readonly Crop[]): Promise<readonly CropAnswer[]> {
    const answers: CropAnswer[] = [];
    let batch: number[] = [];
    for (const [i, crop] of crops.entries()) {
      const flaw = this.#place(port, picture, crop, batch.length);
      if (flaw === undefined) batch.push(i);
      else answers[i] = { flaw };
      if (batch.length === MAX_BATCH || i === crops.length - 1) {
        const embeddings = await this.#run(port, batch.length);
        for (const [k, embedding] of embeddings.entries()) answers[batch[k]!] = { embedding };
        batch = [];
      }
    }
    return answers;
  }

  /** One inference on an empty picture, so that the first crop meets a network that is ready. */
  async warmUp(port: Pick<EmbeddingPort, 'run'>): Promise<void> {
    await port.run(this.#input(0), 1);
  }

  /** Puts a crop into the tensor, as its `index`th input; says what is wrong where it is not good enough. */
  #place(port: EmbeddingPort, picture: Size, crop: Crop, index: number): CropFlaw | undefined {
    const { alignment, inputSize } = this.#options;
    const flaw = geometricFlaw(crop, picture, alignment.type === 'landmarks');
    if (flaw !== undefined) return flaw;
    const input = this.#input(index);
    if (alignment.type === 'box') {
      port.warp(stretchOver(inputSize, crop.box), input);
      return undefined;
    }
    const matrix = fitSimilarity(alignment.points, crop.landmarks ?? []);
    if (matrix === undefined) return 'no-landmarks';
    port.warp(matrix, input);
    const area = inputSize.width * inputSize.height;
    // The middle one is green whatever the order of the colours.
    const isSharp = alignedSharpness(input.subarray(area, 2 * area), inputSize) >= MIN_SHARPNESS;
    return isSharp ? undefined : 'blurred';
  }

  async #run(port: EmbeddingPort, count: number): Promise<readonly Embedding[]> {
    if (count === 0) return [];
    const { length } = this.#options;
    const joined = await port.run(this.#tensor.subarray(0, count * this.#inputLength), count);
    return Array.from({ length: count }, (_, i) => joined.slice(i * length, (i + 1) * length));
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
