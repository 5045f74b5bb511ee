import { intersectionArea, type Box, type Size } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';
import { chooseInputSize, type InputSizeSpec } from './input-size.js';
import { suppressNonMaxima } from './nms.js';
import { isCutByRegion, RegionScheduler } from './region-scheduler.js';

/** What detecting needs of the world: what a network finds in parts of one picture. */
export interface CropPort {
  /**
   * Finds in the part `crop` (all of the picture when absent), in pixels of the picture; overlapping
   * finds of one subject are still in it. Asked for several parts at once.
   *
   * @param input - size of the network's input that the part is shown in
   */
  find(crop: Box | undefined, input: Size): Promise<readonly Detection[]>;
}

export interface FrameDetectorOptions {
  readonly inputSize: InputSizeSpec;
  /** Long side of the input of models that take any size, pixels. */
  readonly inputLongSide: number;
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
 * Detects on frames: which parts to look at, what the network finds there, NMS over all of it. What
 * one frame showed decides where the next is looked at, in the order in which they are done.
 */
export class FrameDetector {
  readonly #options: FrameDetectorOptions;
  readonly #scheduler: RegionScheduler | undefined;
  #lastFound: readonly Box[] = [];

  constructor(options: FrameDetectorOptions) {
    this.#options = options;
    if (options.regions === 'scheduled') {
      const side = options.inputLongSide;
      this.#scheduler = new RegionScheduler({ inputSide: this.inputFor({ width: side, height: side }).width });
    }
  }

  /**
   * @param hints - where people are thought to be; `scheduled` models look there first.
   */
  async detect(port: CropPort, picture: Size, hints: readonly Box[]): Promise<readonly Detection[]> {
    const found =
      this.#scheduler === undefined
        ? await port.find(undefined, this.inputFor(picture))
        : await this.#detectInRegions(port, picture, this.#scheduler, hints);
    const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
    const detections = suppressNonMaxima(
      found.filter(({ box }) => intersectionArea(box, whole) > 0),
      {
        iouThreshold: this.#options.nmsIou,
        ...(this.#scheduler === undefined ? {} : { containmentThreshold: SAME_FACE_CONTAINMENT }),
      },
    );
    this.#lastFound = detections.filter(({ score }) => score >= LOOK_AGAIN_SCORE).map(({ box }) => box);
    return detections;
  }

  /** Size of the network's input for a picture, or a part, of this size. */
  inputFor(picture: Size): Size {
    return chooseInputSize(this.#options.inputSize, picture, this.#options.inputLongSide);
  }

  async #detectInRegions(
    port: CropPort,
    picture: Size,
    scheduler: RegionScheduler,
    hints: readonly Box[],
  ): Promise<readonly Detection[]> {
    // Last time's finds stand in for people whom the caller does not follow yet.
    const unknown = this.#lastFound.filter((box) => hints.every((hint) => intersectionArea(hint, box) === 0));
    const regions = scheduler.next(picture, [...hints, ...unknown]);
    const found = await Promise.all(regions.map((region) => port.find(region, this.inputFor(region))));
    return regions.flatMap((region, i) => {
      const tolerance = Math.max(region.width, region.height) * CUT_TOLERANCE;
      return found[i]!.filter(({ box }) => !isCutByRegion(box, region, picture, tolerance));
    });
  }
}
