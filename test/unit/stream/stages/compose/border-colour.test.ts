import { expect, it } from 'vitest';
import { videoColour } from '#src/stream/stages/compose/border-colour.js';

/** ITU-R BT.709-6, limited range. */
it.each([
  ['#ffffff', [235, 128, 128]],
  ['#000000', [16, 128, 128]],
  ['#ff0000', [63, 102, 240]],
  ['#00FF00', [173, 42, 26]],
  ['#0000ff', [32, 240, 118]],
])('writes %s as video does', (hex, expected) => {
  expect(videoColour(hex)).toEqual(expected);
});
