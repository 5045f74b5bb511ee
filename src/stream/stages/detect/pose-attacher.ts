import type { Box, Size } from '../../../shared/domain/box.js';
import type { Detection, PoseCounts } from '../../../shared/domain/detection.js';
import type { AffineMatrix } from '../../domain/affine-matrix.js';
import { headByKeypoints } from './pose.js';
import { keypointsIn, poseCrop, POSE_VALUES } from './pose-crop.js';
import { PosePacer, type Pose } from './pose-pacer.js';

/** Runs a pose network on parts of one picture, on the CPU or the GPU. */
export interface PosePort {
  /**
   * Keypoints of the people in the parts, `POSE_VALUES` numbers for each, one behind the other.
   *
   * @param crops - from the network's input to the picture, 1 … 8 of them
   */
  read(crops: readonly AffineMatrix[]): Promise<Float32Array>;
}

/** People with their heads, and for how many of them the network ran. */
export interface PosedPeople {
  /** In the order in which they came. */
  readonly people: readonly Detection[];
  /** Of this frame. */
  readonly poses: PoseCounts;
}

/**
 * Gives people whose bodies were found the head and gaze that a pose network sees, which takes one person at a time.
 * In between, heads move along with their bodies (see {@link PosePacer}). Keeps what it knows from frame to frame.
 */
export class PoseAttacher {
  readonly #input: Size;
  readonly #pacer = new PosePacer();

  /** For a network that takes pictures of this size, pixels. */
  constructor(input: Size) {
    this.#input = input;
  }

  /**
   * The same people in the same order, with head and gaze.
   *
   * @param port - runs the network on the frame with this PTS
   * @param ptsMs - of the frame, milliseconds
   */
  async attach(port: PosePort, people: readonly Detection[], ptsMs: number): Promise<PosedPeople> {
    const { due, apply } = this.#pacer.next(people, ptsMs);
    const read = await this.#read(
      port,
      due.map((i) => people[i]!.box),
    );
    return {
      people: apply(new Map(due.map((i, k) => [i, read[k]!]))),
      poses: { computed: due.length, skipped: people.length - due.length },
    };
  }

  async #read(port: PosePort, boxes: readonly Box[]): Promise<readonly Pose[]> {
    if (boxes.length === 0) return [];
    const crops = boxes.map((box) => poseCrop(box, this.#input));
    const values = await port.read(crops);
    return crops.map((crop, k) => {
      const points = keypointsIn(values.subarray(k * POSE_VALUES, (k + 1) * POSE_VALUES), crop);
      return headByKeypoints(points, boxes[k]!);
    });
  }
}
