import type { Box, Point, Size } from '../../../shared/domain/box.js';
import type { Detection, LumaSketch } from '../../../shared/domain/detection.js';
import type { Decoder, OutputTensor } from './decoder.js';
import type { CropPort } from './frame-detector.js';

/** What detecting on the CPU needs: the pixels of one picture as a tensor, and the network. */
export interface InferencePort {
  /** Fills `tensor` with the part `crop` of the picture (all of it when absent), scaled with its aspect. */
  letterbox(
    crop: Box | undefined,
    input: Size,
    tensor: Float32Array,
  ): { readonly ratio: number; readonly offset: Point };
  /** The picture, one brightness for each square of `step` pixels. */
  sketchOf?: ((step: number) => LumaSketch) | undefined;
  /** Runs the network; outputs in the order of the decoder. */
  run(tensor: Float32Array, input: Size): Promise<readonly OutputTensor[]>;
}

/** How outputs are read. */
export interface TensorFinderOptions {
  /** Reads the outputs of the model. */
  readonly decode: Decoder;
  /** Detections of a lower score are dropped, in [0, 1]. */
  readonly scoreThreshold: number;
}

/** Letterbox, inference and decoding with one tensor: parts of a picture are searched one after the other. */
export class TensorFinder {
  readonly #options: TensorFinderOptions;
  #tensor = new Float32Array(0);
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: TensorFinderOptions) {
    this.#options = options;
  }

  /** Detects in the picture whose pixels `port` gives. */
  in(port: InferencePort): CropPort {
    return {
      ...(port.sketchOf && { sketchOf: port.sketchOf }),
      find: (crop, input) => {
        const finding = this.#last.then(() => this.#find(port, crop, input));
        // A failure goes to its own caller; later calls go on.
        this.#last = finding.catch(() => undefined);
        return finding;
      },
    };
  }

  /** Runs the network once on an empty picture: first runs are slow. */
  async warmUp(run: InferencePort['run'], input: Size): Promise<void> {
    await run(this.#tensorFor(input), input);
  }

  async #find(port: InferencePort, crop: Box | undefined, input: Size): Promise<readonly Detection[]> {
    const tensor = this.#tensorFor(input);
    const { ratio, offset } = port.letterbox(crop, input, tensor);
    const outputs = await port.run(tensor, input);
    return this.#options.decode(outputs, {
      input,
      mapping: { ratio, offset, origin: crop ?? { x: 0, y: 0 } },
      scoreThreshold: this.#options.scoreThreshold,
    });
  }

  /** One buffer for all frames and sizes of input; a new one only where a larger one is asked for. */
  #tensorFor({ width, height }: Size): Float32Array {
    const length = 3 * width * height;
    if (this.#tensor.length < length) this.#tensor = new Float32Array(length);
    return this.#tensor.subarray(0, length);
  }
}
