import type { Track } from '../../shared/domain/track.js';

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

/** The head of a track: that which the detector found, else by the proportions of people in a box of its kind. */
export function headOf({ box, kind, head }: Pick<Track, 'box' | 'kind' | 'head'>): Head {
  const x = box.x + box.width / 2;
  if (head !== undefined || kind === 'face') {
    const face = head ?? box;
    const height = face.height * (1 + CROWN_ABOVE_FACE);
    return { x: face.x + face.width / 2, eyesY: face.y + face.height - height / 2, height };
  }
  const byWidth = box.width * HEADS_PER_WIDTH;
  const height = Math.min(box.height / MIN_HEADS_PER_HEIGHT, Math.max(box.height / MAX_HEADS_PER_HEIGHT, byWidth));
  return { x, eyesY: box.y + height / 2, height };
}
