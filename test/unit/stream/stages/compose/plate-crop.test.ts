import { expect, it } from 'vitest';
import { plateCrop } from '#src/stream/stages/compose/plate-crop.js';

const size = { width: 200, height: 20 };
const drawn = (...columns: readonly number[]): Uint8Array => {
  const luma = new Uint8Array(200 * 20).fill(32);
  for (const column of columns) luma[5 * 200 + column] = 230;
  return luma;
};

it('leaves room beside the name, in even numbers', () => {
  expect(plateCrop(drawn(81, 120), size)).toEqual({ x: 70, y: 0, width: 62, height: 20 });
});

it('stays on the plate', () => {
  expect(plateCrop(drawn(3, 198), size)).toEqual({ x: 0, y: 0, width: 200, height: 20 });
});

it('takes the whole plate where there is no text', () => {
  expect(plateCrop(drawn(), size)).toEqual({ x: 0, y: 0, width: 200, height: 20 });
});
