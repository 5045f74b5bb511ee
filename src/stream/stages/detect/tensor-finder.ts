import type { Box, Point, Size } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';
import type { Decoder, OutputTensor } from './decoder.js';
import type { CropPort } from './frame-detector.js';

/** What finding on the CPU needs of the world: pixels into a tensor, and a network's answer to it. */
export interface InferencePort {
  /** Fills `tensor` with the part `crop` of the picture (all of it when absent), aspect kept. */
  letterbox(
    crop: Box | undefined,
    input: Size,
    tensor: Float32Array,
  ): { readonly ratio: number; readonly offset: Point };
  /** Outputs in the order of the decoder. */
  run(tensor: Float32Array, input: Size): Promise<readonly OutputTensor[]>;
}

export interface TensorFinderOptions {
  readonly decode: Decoder;
  readonly scoreThreshold: number;
}

/** Letterbox, inference and decoding through one tensor: parts are looked at one after the other. */
export class TensorFinder {
  readonly #options: TensorFinderOptions;
  #tensor = new Float32Array(0);
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: TensorFinderOptions) {
    this.#options = options;
  }

  /** Finds in one picture, the one whose pixels `port` gives. */
  in(port: InferencePort): CropPort {
    return {
      find: (crop, input) => {
        const finding = this.#last.then(() => this.#find(port, crop, input));
        // Whoever asked hears of a failure; those behind go on.
        this.#last = finding.catch(() => undefined);
        return finding;
      },
    };
  }

  /** One inference on an empty picture, so that the first frame meets a network that is ready. */
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

  /** One buffer for all frames; a new one only when the input's size changes. */
  #tensorFor({ width, height }: Size): Float32Array {
    const length = 3 * width * height;
    if (this.#tensor.length !== length) this.#tensor = new Float32Array(length);
    return this.#tensor;
  }
}
