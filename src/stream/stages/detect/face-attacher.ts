import { center, type Box, type Point, type Size } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';
import type { CropPort } from './frame-detector.js';
import { chooseInputSize, type InputSizeSpec } from './input-size.js';
import { gazeOfFace } from './pose.js';
import { withMore } from '../../../shared/with-more.js';

/** Side of the square in which a face is looked for, heights of the head by keypoints. */
const REGION_PER_HEAD = 2.6;
/** A face whose middle is farther from that of the head than this many of its heights belongs to somebody else. */
const MAX_DISTANCE = 0.8;
/** Face and head by keypoints differ by this factor at most. */
const MAX_SIZE_RATIO = 2.5;
/** Faces lower than this give no looks, and are not looked for, pixels of the picture. */
const MIN_HEAD_PX = 24;
/** At most so many faces are looked for in one frame; with more people they take turns. */
const MAX_FACES = 4;
/** Of somebody who looks away a face is looked for in each so manieth frame: keypoints may be wrong. */
const AWAY_TURNS = 4;
/** Least score of a face there, in [0, 1]; higher attaches fewer faces, lower takes more that are none. */
export const MIN_FACE_SCORE = 0.5;
/** Long side of the input of a face network that takes any size, pixels. */
const INPUT_SIDE = 160;

/**
 * Finds the faces of people whose bodies were found, each in a square around the head, and attaches them: landmarks,
 * and head and gaze by the face. Keeps only whose turn it is.
 */
export class FaceAttacher {
  readonly #inputSize: InputSizeSpec;
  #turn = 0;

  /** For a network that takes this: a fixed size, or any. */
  constructor(inputSize: InputSizeSpec) {
    this.#inputSize = inputSize;
  }

  /** Size of the network's input for a square, pixels. */
  inputFor(region: InputSizeSpec): Size {
    if ('multipleOf' in region) return { width: INPUT_SIDE, height: INPUT_SIDE };
    return chooseInputSize(this.#inputSize, region, INPUT_SIDE);
  }

  /**
   * The same people in the same order, those with a face with its landmarks.
   *
   * @param port - of the face network, faces in pixels of the picture
   */
  async attach(port: CropPort, people: readonly Detection[], picture: Size): Promise<readonly Detection[]> {
    const turn = this.#turn++;
    const candidates = people.filter(
      ({ head, gaze }) =>
        head !== undefined && head.height >= MIN_HEAD_PX && (gaze !== 'away' || turn % AWAY_TURNS === 0),
    );
    const chosen = new Set(
      Array.from(
        { length: Math.min(MAX_FACES, candidates.length) },
        (_, i) => candidates[(turn * MAX_FACES + i) % candidates.length]!,
      ),
    );
    const taken: Box[] = [];
    const result: Detection[] = [];
    for (const person of people) {
      const { head } = person;
      if (head === undefined || !chosen.has(person)) {
        result.push(person);
        continue;
      }
      const region = squareAround(head, picture);
      const faces = await port.find(region, this.inputFor(region));
      const face = faces
        .filter(({ box, landmarks }) => landmarks !== undefined && fits(box, head) && !taken.includes(box))
        .sort((a, b) => b.score - a.score)[0];
      if (face?.landmarks === undefined || taken.some((box) => isSame(box, face.box))) {
        result.push(person);
        continue;
      }
      taken.push(face.box);
      const { box, landmarks } = face;
      result.push(withMore(person, { head: box, landmarks, gaze: gazeOfFace(landmarks) }));
    }
    return result;
  }
}

function squareAround(head: Box, picture: Size): Box {
  const side = Math.min(Math.round(REGION_PER_HEAD * head.height), picture.width, picture.height);
  const { x, y } = center(head);
  return {
    x: Math.round(Math.min(Math.max(0, x - side / 2), picture.width - side)),
    y: Math.round(Math.min(Math.max(0, y - side / 2), picture.height - side)),
    width: side,
    height: side,
  };
}

function fits(face: Box, head: Box): boolean {
  const ratio = face.height / head.height;
  const near = MAX_DISTANCE * Math.max(face.height, head.height);
  return ratio < MAX_SIZE_RATIO && ratio > 1 / MAX_SIZE_RATIO && apart(center(face), center(head)) < near;
}

const isSame = (a: Box, b: Box): boolean => apart(center(a), center(b)) < 0.3 * Math.max(a.height, b.height);

const apart = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
