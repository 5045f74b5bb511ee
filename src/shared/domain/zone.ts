import type { Point } from './box.js';

/** A corner of a zone: fractions of the picture's width and height, from its upper left. */
export type Corner = readonly [x: number, y: number];

/** A part of the picture: a polygon with at least three corners, whose sides do not cross. */
export type Zone = readonly Corner[];

/** A zone smaller than this part of the picture holds nobody. */
const LEAST_AREA = 1e-4;

/** Whether a point, in fractions of the picture, lies in a zone: by the sides that a line from it to the right crosses. */
export function isInZone({ x, y }: Point, zone: Zone): boolean {
  let isInside = false;
  zone.forEach(([ax, ay], index) => {
    const [bx, by] = zone[(index + 1) % zone.length]!;
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) isInside = !isInside;
  });
  return isInside;
}

/** What is wrong with the corners of a zone, as an end of a sentence; `undefined` for nothing. */
export function zoneMistake(zone: Zone): string | undefined {
  if (zone.length < 3) return `a zone has at least 3 corners, this one has ${zone.length}`;
  const outside = zone.findIndex((corner) => corner.some((value) => !(value >= 0 && value <= 1)));
  if (outside >= 0)
    return `corner ${outside + 1} lies outside the picture: use fractions of its width and height, 0 to 1`;
  for (let first = 0; first < zone.length; first += 1) {
    for (let second = first + 1; second < zone.length; second += 1) {
      if (doCross(zone, first, second))
        return `its sides ${first + 1} and ${second + 1} cross or touch: list the corners in their order around the zone`;
    }
  }
  return areaOf(zone) < LEAST_AREA ? 'it has no area: move its corners apart' : undefined;
}

function areaOf(zone: Zone): number {
  const twice = zone.reduce((sum, [ax, ay], index) => {
    const [bx, by] = zone[(index + 1) % zone.length]!;
    return sum + ax * by - bx * ay;
  }, 0);
  return Math.abs(twice) / 2;
}

/** Whether two sides have a point in common that is no corner of both; a side begins at the corner of its number. */
function doCross(zone: Zone, first: number, second: number): boolean {
  const { length } = zone;
  if (second - first === 1 || (first === 0 && second === length - 1)) return false;
  const [a, b] = [zone[first]!, zone[(first + 1) % length]!];
  const [c, d] = [zone[second]!, zone[(second + 1) % length]!];
  return side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0 && areNear(a, b, c, d);
}

/** On which side of the line from `a` to `b` a point lies: positive, negative, or 0 on it. */
const side = ([ax, ay]: Corner, [bx, by]: Corner, [x, y]: Corner): number =>
  (bx - ax) * (y - ay) - (by - ay) * (x - ax);

/** Whether the boxes around two lines have a point in common: for those that lie on one line. */
const areNear = (a: Corner, b: Corner, c: Corner, d: Corner): boolean =>
  ([0, 1] as const).every(
    (axis) =>
      Math.max(Math.min(a[axis], b[axis]), Math.min(c[axis], d[axis])) <=
      Math.min(Math.max(a[axis], b[axis]), Math.max(c[axis], d[axis])),
  );
