import * as z from 'zod';
import { zoneMistake } from '../domain/zone.js';

/** Corners of a zone, at most. */
const MAX_CORNERS = 32;

const corner = z.tuple([z.number(), z.number()]);

/** A polygon in the picture: a list of `[x, y]`, fractions of its width and height. A wrong one has one mistake. */
export const zoneSchema = z.array(corner).max(MAX_CORNERS).check(rightPolygon());

/** The same, or nothing. */
export const optionalZoneSchema = z
  .array(corner)
  .max(MAX_CORNERS)
  .check(rightPolygon({ mayBeEmpty: true }));

function rightPolygon({ mayBeEmpty = false } = {}): z.core.CheckFn<[number, number][]> {
  return ({ value, issues }) => {
    const mistake = mayBeEmpty && value.length === 0 ? undefined : zoneMistake(value);
    if (mistake !== undefined) issues.push({ code: 'custom', input: value, message: mistake });
  };
}
