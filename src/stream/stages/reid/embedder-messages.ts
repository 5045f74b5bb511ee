import type { Size } from '../../../shared/domain/box.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { CropEmbedderOptions } from './crop-embedder.js';
import type { Crop } from './face-quality.js';
import type { TensorEmbeddingOptions } from './tensor-embedding.js';

/** What the embedder thread is started with. */
export interface EmbedderSetup extends CropEmbedderOptions, TensorEmbeddingOptions {
  /** Absolute path of the .onnx file. */
  readonly path: string;
  readonly threads: number;
  readonly inputName?: string | undefined;
  readonly outputNames?: readonly string[] | undefined;
  readonly pixels: {
    readonly channels: 'BGR' | 'RGB';
    readonly order: 'nchw';
    readonly mean: number;
    readonly scale: number;
    readonly pad: number;
  };
}

/** Crops of one frame. */
export interface EmbedRequest {
  readonly handle: FrameHandle;
  readonly picture: Size;
  readonly crops: readonly Crop[];
}
