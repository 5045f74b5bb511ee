import type { Box, Point, Size } from '../../../shared/domain/box.js';
import type { AffineMatrix } from '../../domain/affine-matrix.js';

/**
 * The similarity (rotation, even scale, translation; no mirroring) that maps `from` to `to` with the least
 * squared error; `undefined` where the points of one of them are all the same. In the plane it has a closed
 * form: the regression of complex numbers.
 *
 * Source: S. Umeyama, “Least-squares estimation of transformation parameters between two point
 * patterns”, 1991.
 *
 * @param from - pixels of one picture
 * @param to - as many points as `from`, pixels of the other picture
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): AffineMatrix | undefined {
  const origin = mean(from);
  const target = mean(to);
  let along = 0;
  let across = 0;
  let spread = 0;
  from.forEach((point, i) => {
    const goal = to[i] ?? target;
    const [x, y] = [point.x - origin.x, point.y - origin.y];
    const [u, v] = [goal.x - target.x, goal.y - target.y];
    along += x * u + y * v;
    across += x * v - y * u;
    spread += x * x + y * y;
  });
  const cos = along / spread;
  const sin = across / spread;
  if (!(Math.hypot(cos, sin) > 0) || !Number.isFinite(cos + sin)) return undefined;
  return [cos, -sin, target.x - cos * origin.x + sin * origin.y, sin, cos, target.y - sin * origin.x - cos * origin.y];
}

/** The matrix that stretches a picture of `size` over `box`, both in pixels. */
export const stretchOver = (size: Size, box: Box): AffineMatrix => [
  box.width / size.width,
  0,
  box.x,
  0,
  box.height / size.height,
  box.y,
];

function mean(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point.x / points.length;
    y += point.y / points.length;
  }
  return { x, y };
}
