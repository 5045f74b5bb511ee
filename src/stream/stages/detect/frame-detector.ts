import { intersectionArea, iou, type Box, type Size } from '../../../shared/domain/box.js';
import type { Detection, LumaSketch } from '../../../shared/domain/detection.js';
import { sketchStep } from '../../domain/sketch-step.js';
import { FullSizeTurns } from './full-size-turns.js';
import { chooseInputSize, enlargedInputSize, type InputSizeSpec } from './input-size.js';
import { suppressNonMaxima } from './nms.js';
import { dropRepeatedHeads } from './pose.js';
import { isCutByRegion, RegionScheduler, type ExpectedPerson, type SweptPicture } from './region-scheduler.js';
import { ScaleChooser } from './scale-chooser.js';

/** Runs a network on parts of one picture, on the CPU or the GPU. */
export interface CropPort {
  /**
   * Detections in the part `crop` (all of the picture when absent), in pixels of the picture; overlapping
   * detections of one subject are still in it. May be called for several parts at once.
   *
   * @param input - size of the network's input, pixels
   */
  find(crop: Box | undefined, input: Size): Promise<readonly Detection[]>;
  /**
   * The picture, one brightness for each square of `step` pixels; asked for by models that see regions. Absent where
   * it would cost more than it saves.
   */
  readonly sketchOf?: ((step: number) => LumaSketch) | undefined;
}

/** How frames are detected on. */
export interface FrameDetectorOptions {
  /** What the network takes. */
  readonly inputSize: InputSizeSpec;
  /**
   * Long side of the input of models that take any size, pixels. Higher finds smaller faces and costs more, lower
   * is faster.
   */
  readonly inputLongSide: number;
  /**
   * Long sides of the input for people who are near and who are far, pixels, in place of `inputLongSide`: which one is
   * used follows the people who are known (see `ScaleChooser`).
   */
  readonly longSides?: readonly [near: number, far: number] | undefined;
  /**
   * Long side of the input in which faces that are known and large are found again, pixels; see `FullSizeTurns`. Used
   * where all of the picture is searched. @defaultValue `inputLongSide` always
   */
  readonly knownLongSide?: number | undefined;
  /**
   * Of detections with a higher IoU only the strongest is kept, in [0, 1]. Higher keeps people who are close
   * apart, lower removes more duplicates.
   */
  readonly nmsIou: number;
  /** `whole`: one inference on all of the picture · `scheduled`: on regions of it (see `RegionScheduler`). */
  readonly regions: 'whole' | 'scheduled';
}

/** Of two detections in different regions, the smaller is the same face if this share of it is in the other. */
const SAME_FACE_CONTAINMENT = 0.7;

/** Somebody who was found with this score and there just now is found again at a smaller input. */
const SURE_SCORE = 0.8;
const SURE_IOU = 0.5;
/** The side of such a person's box in that input, pixels. */
const KNOWN_BOX_SIDE = 42;

/** A detection that ends within this share of a region's side from its border may be cut by it. */
const CUT_TOLERANCE = 0.01;

/**
 * Where a detection has at least this score, the next frame is searched again, enlarged: a face then scores
 * high, and anything else is dropped.
 */
const SEARCH_AGAIN_SCORE = 0.35;

/**
 * Detects on frames: which regions to search, what the network finds there, NMS over all of it. The detections
 * of one frame decide which regions of the next are searched, in the order in which frames finish.
 */
export class FrameDetector {
  readonly #options: FrameDetectorOptions;
  readonly #scheduler: RegionScheduler | undefined;
  readonly #scales: ScaleChooser | undefined;
  readonly #fullSize: FullSizeTurns | undefined;
  #lastDetected: readonly Detection[] = [];

  constructor(options: FrameDetectorOptions) {
    this.#options = options;
    this.#scales = options.longSides && new ScaleChooser(options.longSides);
    const { knownLongSide } = options;
    this.#fullSize = knownLongSide === undefined ? undefined : new FullSizeTurns({ smallLongSide: knownLongSide });
    if (options.regions === 'scheduled') {
      const side = options.inputLongSide;
      this.#scheduler = new RegionScheduler({
        inputSide: this.inputFor({ width: side, height: side }).width,
        ...('multipleOf' in options.inputSize && { knownBoxSide: KNOWN_BOX_SIDE }),
      });
    }
  }

  /**
   * Detections of one frame, in its pixels, ordered by falling score.
   *
   * @param picture - size of the frame, pixels
   * @param hints - expected boxes of people, pixels; `scheduled` models search there first
   * @param ptsMs - of the frame, milliseconds
   */
  async detect(port: CropPort, picture: Size, hints: readonly Box[], ptsMs = 0): Promise<readonly Detection[]> {
    const timed = { width: picture.width, height: picture.height, ptsMs };
    const detected =
      this.#scheduler === undefined
        ? await this.#detectInWhole(port, timed, hints)
        : await this.#detectInRegions(port, timed, this.#scheduler, hints);
    const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
    const distinct = suppressNonMaxima(
      detected.filter(({ box }) => intersectionArea(box, whole) > 0),
      {
        iouThreshold: this.#options.nmsIou,
        ...(this.#scheduler === undefined ? {} : { containmentThreshold: SAME_FACE_CONTAINMENT }),
      },
    );
    const detections = dropRepeatedHeads(distinct);
    this.#lastDetected = detections.filter(({ score }) => score >= SEARCH_AGAIN_SCORE);
    return detections;
  }

  /** Size of the network's input, pixels, for a picture or a part of this size; the larger of two. */
  inputFor(picture: Size): Size {
    const { inputSize, inputLongSide, longSides } = this.#options;
    return chooseInputSize(inputSize, picture, longSides?.[1] ?? inputLongSide);
  }

  async #detectInWhole(port: CropPort, picture: TimedSize, hints: readonly Box[]): Promise<readonly Detection[]> {
    const { inputSize, knownLongSide } = this.#options;
    if (this.#scales === undefined) {
      const isFull = this.#fullSize?.next(picture, this.#expected(hints), smallPictureOf(port, picture)) ?? true;
      const input = isFull ? this.inputFor(picture) : chooseInputSize(inputSize, picture, knownLongSide ?? 0);
      return port.find(undefined, input);
    }
    const sides = this.#scales.next(picture, hints);
    const found: Detection[] = [];
    for (const side of sides) {
      found.push(...(await port.find(undefined, chooseInputSize(inputSize, picture, side))));
    }
    return found;
  }

  async #detectInRegions(
    port: CropPort,
    picture: TimedSize,
    scheduler: RegionScheduler,
    hints: readonly Box[],
  ): Promise<readonly Detection[]> {
    const regions = scheduler.next(picture, this.#expected(hints), smallPictureOf(port, picture));
    const detected = await Promise.all(
      regions.map(({ inputSide, ...region }) =>
        port.find(region, enlargedInputSize(this.#options.inputSize, region, inputSide)),
      ),
    );
    return regions.flatMap((region, i) => {
      const tolerance = Math.max(region.width, region.height) * CUT_TOLERANCE;
      return detected[i]!.filter(({ box }) => !isCutByRegion(box, region, picture, tolerance));
    });
  }

  /** Who is expected where; the last detections stand in for people of whom the caller has no track yet. */
  #expected(hints: readonly Box[]): readonly ExpectedPerson[] {
    const last = this.#lastDetected;
    const unknown = last
      .map(({ box }) => box)
      .filter((box) => hints.every((hint) => intersectionArea(hint, box) === 0));
    return [...hints, ...unknown].map(({ x, y, width, height }) => {
      const isSure = last.some(
        ({ box, score }) => score >= SURE_SCORE && iou(box, { x, y, width, height }) >= SURE_IOU,
      );
      return { x, y, width, height, isSure };
    });
  }
}

type TimedSize = Size & Pick<SweptPicture, 'ptsMs'>;

function smallPictureOf({ sketchOf }: CropPort, picture: TimedSize): SweptPicture | undefined {
  const step = sketchStep(picture);
  const sketch = sketchOf?.(step);
  return sketch && { sketch, step, ptsMs: picture.ptsMs };
}
