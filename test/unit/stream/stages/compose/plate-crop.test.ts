import { expect, it } from 'vitest';
import { plateCrop, rowsOf } from '#src/stream/stages/compose/plate-crop.js';

const size = { width: 200, height: 40 };
const plate = { name: 'Anna', plateHeight: 20, capitals: { first: 14, last: 23 } };
/** Text in these columns, in the rows from `top` to `bottom`. */
const drawn = (columns: readonly number[], top = 14, bottom = 23): Uint8Array => {
  const luma = new Uint8Array(200 * 40).fill(32);
  for (const column of columns) for (let row = top; row <= bottom; row++) luma[row * 200 + column] = 230;
  return luma;
};

it.each<[string, readonly number[], { readonly x: number; readonly width: number }]>([
  ['leaves room beside the name, in even numbers', [81, 120], { x: 70, width: 62 }],
  ['stays within the drawing', [3, 198], { x: 0, width: 200 }],
  ['takes all of the width where there is no text', [], { x: 0, width: 200 }],
])('%s', (_name, columns, expected) => {
  expect(plateCrop(drawn(columns), size, plate)).toEqual({ ...expected, y: 8, height: 20 });
});

it.each<[string, string, number, number, number]>([
  ['capitals in the middle', 'Anna', 14, 23, 8],
  ['letters below the line move nothing', 'Jörg', 12, 28, 8],
  ['small letters stand on the same line', 'nn', 17, 23, 8],
  ['Cyrillic', 'Анна', 14, 23, 8],
  ['what has no capitals is centred by itself', '田中', 16, 27, 12],
  ['Arabic', 'مريم', 22, 31, 16],
])('centres by the eye: %s', (_name, name, top, bottom, y) => {
  expect(plateCrop(drawn([90, 110], top, bottom), size, { ...plate, name }).y).toBe(y);
});

it('knows the rows of text', () => {
  expect(rowsOf(drawn([90], 11, 22), size)).toEqual({ first: 11, last: 22 });
  expect(rowsOf(drawn([]), size)).toEqual({ first: 0, last: 39 });
});
