import { intersectionArea, type Box, type Point, type Size } from '#domain/box.js';
import type { Detection } from '#domain/detection.js';
import type { Decoder, OutputTensor } from './decoder.js';
import { chooseInputSize, type InputSizeSpec } from './input-size.js';
import { suppressNonMaxima } from './nms.js';
import { isCutByRegion, RegionScheduler } from './region-scheduler.js';

/** What detecting needs of the world: pixels into a tensor, and a network's answer to it. */
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

export interface FrameDetectorOptions {
  readonly decode: Decoder;
  readonly inputSize: InputSizeSpec;
  /** Long side of the input of models that take any size, pixels. */
  readonly inputLongSide: number;
  readonly scoreThreshold: number;
  readonly nmsIou: number;
  /** `scheduled`: looks at parts of the picture (see `RegionScheduler`). */
  readonly regions: 'whole' | 'scheduled';
}

/** Of two finds in different regions, the smaller is the same face if so much of it lies in the other. */
const SAME_FACE_CONTAINMENT = 0.7;

/** A find that ends within this part of a region's side from its border may be cut by it. */
const CUT_TOLERANCE = 0.01;

/**
 * From this score on, the next frame is searched there again, larger: what is a face then scores
 * high, and what is none is dropped.
 */
const LOOK_AGAIN_SCORE = 0.35;

/**
 * Detects on one frame after the other: letterbox, inference, decoding, NMS. Not re-entrant:
 * one frame at a time.
 */
export class FrameDetector {
  readonly #options: FrameDetectorOptions;
  readonly #scheduler: RegionScheduler | undefined;
  #tensor = new Float32Array(0);
  #lastFound: readonly Box[] = [];

  constructor(options: FrameDetectorOptions) {
    this.#options = options;
    if (options.regions === 'scheduled') {
      const side = options.inputLongSide;
      this.#scheduler = new RegionScheduler({ inputSide: this.#inputFor({ width: side, height: side }).width });
    }
  }

  /**
   * @param hints - where people are thought to be; `scheduled` models look there first.
   */
  async detect(port: InferencePort, picture: Size, hints: readonly Box[]): Promise<readonly Detection[]> {
    const found =
      this.#scheduler === undefined
        ? await this.#detectIn(port, picture, undefined)
        : await this.#detectInRegions(port, picture, this.#scheduler, hints);
    const detections = suppressNonMaxima(
      found.filter(({ box }) => intersectionArea(box, { x: 0, y: 0, ...picture }) > 0),
      {
        iouThreshold: this.#options.nmsIou,
        ...(this.#scheduler === undefined ? {} : { containmentThreshold: SAME_FACE_CONTAINMENT }),
      },
    );
    this.#lastFound = detections.filter(({ score }) => score >= LOOK_AGAIN_SCORE).map(({ box }) => box);
    return detections;
  }

  /** One inference on an empty picture, so that the first frame meets a network that is ready. */
  async warmUp(port: Pick<InferencePort, 'run'>, picture: Size): Promise<void> {
    const input = this.#inputFor(picture);
    await port.run(this.#tensorFor(input), input);
  }

  async #detectInRegions(
    port: InferencePort,
    picture: Size,
    scheduler: RegionScheduler,
    hints: readonly Box[],
  ): Promise<readonly Detection[]> {
    // Last time's finds stand in for people whom the caller does not follow yet.
    const unknown = this.#lastFound.filter((box) => hints.every((hint) => intersectionArea(hint, box) === 0));
    const found: Detection[] = [];
    for (const region of scheduler.next(picture, [...hints, ...unknown])) {
      const tolerance = Math.max(region.width, region.height) * CUT_TOLERANCE;
      for (const detection of await this.#detectIn(port, picture, region)) {
        if (!isCutByRegion(detection.box, region, picture, tolerance)) found.push(detection);
      }
    }
    return found;
  }

  async #detectIn(port: InferencePort, picture: Size, crop: Box | undefined): Promise<readonly Detection[]> {
    const input = this.#inputFor(crop ?? picture);
    const tensor = this.#tensorFor(input);
    const { ratio, offset } = port.letterbox(crop, input, tensor);
    const outputs = await port.run(tensor, input);
    return this.#options.decode(outputs, {
      input,
      mapping: { ratio, offset, origin: crop ?? { x: 0, y: 0 } },
      scoreThreshold: this.#options.scoreThreshold,
    });
  }

  #inputFor(picture: Size): Size {
    return chooseInputSize(this.#options.inputSize, picture, this.#options.inputLongSide);
  }

  /** One buffer for all frames; a new one only when the input's size changes. */
  #tensorFor({ width, height }: Size): Float32Array {
    const length = 3 * width * height;
    if (this.#tensor.length !== length) this.#tensor = new Float32Array(length);
    return this.#tensor;
  }
}
