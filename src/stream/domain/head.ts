import type { Box } from '../../shared/domain/box.js';
import type { SubjectKind } from '../../shared/domain/detection.js';

/** The head of a person, for framing; pixels of the source picture. */
export interface Head {
  /** Of its centre. */
  readonly x: number;
  /** Height of the eyes, which lie halfway between crown and chin. */
  readonly eyesY: number;
  /** From the crown (hair included) to the chin. */
  readonly height: number;
}

/** Face detectors box from the hairline to the chin; the crown is above by this share of the box. */
const CROWN_ABOVE_FACE = 0.25;

/**
 * A standing person is seven to eight heads high, one cut off at the chest about two and a half; in between
 * the width decides: shoulders are somewhat more than two heads wide.
 */
const HEADS_PER_WIDTH = 0.42;
const MAX_HEADS_PER_HEIGHT = 8;
const MIN_HEADS_PER_HEIGHT = 2.5;

/** The head in a detector's box of this kind, by the proportions of people. */
export function headOf(box: Box, kind: SubjectKind): Head {
  const x = box.x + box.width / 2;
  if (kind === 'face') {
    const height = box.height * (1 + CROWN_ABOVE_FACE);
    return { x, eyesY: box.y + box.height - height / 2, height };
  }
  const byWidth = box.width * HEADS_PER_WIDTH;
  const height = Math.min(box.height / MIN_HEADS_PER_HEIGHT, Math.max(box.height / MAX_HEADS_PER_HEIGHT, byWidth));
  return { x, eyesY: box.y + height / 2, height };
}
