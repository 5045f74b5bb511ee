/** A point in pixels; x grows right, y grows down. */
export interface Point {
  /** From the left edge; fractions of a pixel are allowed. */
  readonly x: number;
  /** From the top edge; fractions of a pixel are allowed. */
  readonly y: number;
}

/** Width and height in pixels, > 0. */
export interface Size {
  /** From left to right; fractions of a pixel are allowed. */
  readonly width: number;
  /** From top to bottom; fractions of a pixel are allowed. */
  readonly height: number;
}

/** An axis-aligned rectangle in pixels of the source picture; (x, y) is its top left corner. */
export interface Box extends Point, Size {}

/** Square pixels, ≥ 0. */
export const area = (box: Size): number => Math.max(0, box.width) * Math.max(0, box.height);

/** The middle of a box, in the pixels that the box is measured in. */
export const center = (box: Box): Point => ({
  x: box.x + box.width / 2,
  y: box.y + box.height / 2,
});

/** Area of the overlap of `a` and `b`, square pixels, ≥ 0. */
export function intersectionArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union, in [0, 1]; 0 where both are empty. */
export function iou(a: Box, b: Box): number {
  const shared = intersectionArea(a, b);
  const union = area(a) + area(b) - shared;
  return union > 0 ? shared / union : 0;
}
