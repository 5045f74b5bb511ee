import type { Point, Size } from '../../../shared/domain/box.js';
import type { AffineMatrix } from '../../domain/affine-matrix.js';
import type { Embedding } from '../../domain/embedding.js';
import { fitSimilarity, stretchOver } from './align.js';
import { geometricFlaw, type Crop, type CropFlaw } from './face-quality.js';

/** Embeds parts of one picture, on the CPU or the GPU. */
export interface EmbeddingPort {
  /**
   * One embedding for each of the matrices (input → picture), 1 … 8 of them, in their order; `undefined` where
   * `alignedSharpness` of the network's input is less than `minSharpness`; 0 measures nothing.
   */
  embed(matrices: readonly AffineMatrix[], minSharpness: number): Promise<readonly (Embedding | undefined)[]>;
}

/** How the subject is placed in the network's input. */
export type Alignment =
  /** Positions of the five landmarks, pixels of the input. */
  | { readonly type: 'landmarks'; readonly points: readonly Point[] }
  /** The detection's box, stretched over the input. */
  | { readonly type: 'box' };

/** What a model needs of its crops. */
export interface CropEmbedderOptions {
  /** Size of the network's input, pixels. */
  readonly inputSize: Size;
  /** How crops are aligned. */
  readonly alignment: Alignment;
}

/** An embedding, or why there is none. */
export type CropAnswer = { readonly embedding: Embedding } | { readonly flaw: CropFlaw };

/** Largest batch; more crops are embedded one batch after the other, to limit memory. */
const MAX_BATCH = 8;

/** Less `alignedSharpness` is a blur of more than 7 % of the distance of the eyes: too little detail is left. */
const MIN_SHARPNESS = 0.15;

/** Embeds crops of frames: those of one frame that are good enough, in one batch. */
export class CropEmbedder {
  readonly #options: CropEmbedderOptions;

  constructor(options: CropEmbedderOptions) {
    this.#options = options;
  }

  /**
   * One answer for each crop, in their order.
   *
   * @param picture - size of the frame, pixels
   */
  async embed(port: EmbeddingPort, picture: Size, crops: readonly Crop[]): Promise<readonly CropAnswer[]> {
    const aligned = crops.map((crop) => this.#align(crop, picture));
    const matrices = aligned.flatMap((crop) => ('matrix' in crop ? [crop.matrix] : []));
    const minSharpness = this.#options.alignment.type === 'landmarks' ? MIN_SHARPNESS : 0;
    const embeddings: (Embedding | undefined)[] = [];
    for (let first = 0; first < matrices.length; first += MAX_BATCH) {
      embeddings.push(...(await port.embed(matrices.slice(first, first + MAX_BATCH), minSharpness)));
    }
    let next = 0;
    return aligned.map((crop): CropAnswer => {
      if ('flaw' in crop) return crop;
      const embedding = embeddings[next++];
      return embedding === undefined ? { flaw: 'blurred' } : { embedding };
    });
  }

  /** Where the network's input lies in the picture, or why the crop is not good enough. */
  #align(crop: Crop, picture: Size): { readonly matrix: AffineMatrix } | { readonly flaw: CropFlaw } {
    const { alignment, inputSize } = this.#options;
    const flaw = geometricFlaw(crop, picture, alignment.type === 'landmarks');
    if (flaw !== undefined) return { flaw };
    if (alignment.type === 'box') return { matrix: stretchOver(inputSize, crop.box) };
    const matrix = fitSimilarity(alignment.points, crop.landmarks ?? []);
    return matrix === undefined ? { flaw: 'no-landmarks' } : { matrix };
  }
}
