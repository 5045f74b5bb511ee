import type { Size } from '../../../shared/domain/box.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { CropEmbedderOptions } from './crop-embedder.js';
import type { Crop } from './face-quality.js';
import type { TensorEmbeddingOptions } from './tensor-embedding.js';

/** What the embedder thread is started with. */
export interface EmbedderSetup extends CropEmbedderOptions, TensorEmbeddingOptions {
  /** Absolute path of the .onnx file. */
  readonly path: string;
  /** Threads of one inference, ≥ 1. */
  readonly threads: number;
  /** Name of the network's input. @defaultValue the first input */
  readonly inputName?: string | undefined;
  /** Names of its outputs. @defaultValue all of them, in their order */
  readonly outputNames?: readonly string[] | undefined;
  /** How pixels become numbers of the tensor, as in the manifest. */
  readonly pixels: {
    readonly channels: 'BGR' | 'RGB';
    readonly order: 'nchw';
    readonly mean: number;
    readonly scale: number;
    readonly pad: number;
  };
}

/** Asks for embeddings of crops of one frame. */
export interface EmbedRequest {
  /** Retained until the answer is there. */
  readonly handle: FrameHandle;
  /** Size of the frame, pixels. */
  readonly picture: Size;
  /** Answered in this order. */
  readonly crops: readonly Crop[];
}
