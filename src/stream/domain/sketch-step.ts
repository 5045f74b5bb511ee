import type { Size } from '../../shared/domain/box.js';

/** A sketch has about so many points along its longer side. */
const SKETCH_POINTS = 160;

/** Which points of a picture of this size are in its sketch: every so many of every so many rows. */
export const sketchStep = ({ width, height }: Size): number =>
  Math.max(1, Math.floor(Math.max(width, height) / SKETCH_POINTS));
