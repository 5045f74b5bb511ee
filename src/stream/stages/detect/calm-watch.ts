import type { Box } from '../../../shared/domain/box.js';
import type { DetectionSet, LumaSketch } from '../../../shared/domain/detection.js';
import {
  changedSquares,
  peopleMask,
  showsNewcomer,
  UsualNoise,
  type PeopleMask,
  type SmallPicture,
} from './changed-squares.js';

/** Share of the squares of a face that change where the head moves; a mouth that speaks is less … */
const MOVED_SHARE = 0.3;
/** … and by how much more than a newcomer changes them: faces are never quite at rest. */
const MOVED_STRENGTH = 2;
/** What is found with a lower score is nobody's face. */
const FACE_SCORE = 0.4;
/** A face of fewer squares says nothing by itself. */
const MIN_FACE_SQUARES = 9;

/**
 * Watches the pictures between detections in a calm scene: whether somebody moves or comes, without a network. Compares
 * with the picture of the latest detection.
 */
export class CalmWatch {
  readonly #usual = new UsualNoise();
  #detectedIn: SmallPicture | undefined;
  #faces: readonly Box[] = [];
  #mask: PeopleMask | undefined;

  /** It is detected on this picture. */
  detectOn(picture: SmallPicture | undefined): void {
    this.#detectedIn = picture;
  }

  /** What was found in it. */
  found({ detections }: Pick<DetectionSet, 'detections'>): void {
    this.#faces = detections.filter(({ score }) => score >= FACE_SCORE).map(({ box }) => box);
    this.#mask = this.#detectedIn && peopleMask(this.#detectedIn, this.#faces);
  }

  /** Whether this picture has to be detected on; so has one that there is nothing to compare with. */
  hasChanged(picture: SmallPicture | undefined): boolean {
    const before = this.#detectedIn?.sketch;
    const mask = this.#mask;
    if (picture === undefined || mask?.length !== before?.luma.length) return true;
    if (before?.luma.length !== picture.sketch.luma.length || mask === undefined) return true;
    if (showsNewcomer(picture, before, wholeOf(picture), { mask, usual: this.#usual })) return true;
    return this.#faces.some((face) => this.#hasMoved(picture, before, face));
  }

  #hasMoved(picture: SmallPicture, before: LumaSketch, face: Box): boolean {
    const squares = (face.width / picture.step) * (face.height / picture.step);
    if (squares < MIN_FACE_SQUARES) return false;
    const changed = changedSquares(picture, before, face, { strength: MOVED_STRENGTH, usual: this.#usual });
    return changed >= MOVED_SHARE * squares;
  }
}

const wholeOf = ({ sketch: { luma, columns }, step }: SmallPicture): Box => ({
  x: 0,
  y: 0,
  width: columns * step,
  height: (luma.length / columns) * step,
});
