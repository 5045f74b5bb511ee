import { expect, it } from 'vitest';
import { tileBoxes, type ShownFrame } from '#src/viewer/stream/tile-geometry.js';

const people = (...slots: readonly (number | undefined)[]): ShownFrame['boxes'] =>
  slots.map((slot, index) => ({ trackId: index + 1, ...(slot !== undefined && { slot }) }));

it.each<[string, ShownFrame | undefined, [number, number, number, number, number][]]>([
  ['no frame', undefined, []],
  ['the scene', { layout: 'scene', boxes: people(0, 1) }, []],
  ['the slate', { layout: 'slate', boxes: [] }, []],
  ['one person', { layout: 'single', boxes: people(1) }, [[1, 0, 0, 1, 1]]],
  [
    'two, the right one first',
    { layout: 'dual', boxes: people(1, 0) },
    [
      [0, 0, 0, 0.5, 1],
      [1, 0.5, 0, 0.5, 1],
    ],
  ],
  ['one without a tile', { layout: 'single', boxes: people(0, undefined) }, [[0, 0, 0, 1, 1]]],
  [
    'four, column by column',
    { layout: 'grid', boxes: people(0, 1, 2, 3) },
    [
      [0, 0, 0, 0.5, 0.5],
      [1, 0, 0.5, 0.5, 0.5],
      [2, 0.5, 0, 0.5, 0.5],
      [3, 0.5, 0.5, 0.5, 0.5],
    ],
  ],
  [
    'four side by side, of whom two share a frame',
    { layout: 'columns', boxes: people(0, 1, 2, 3) },
    [0, 1, 2, 3].map((slot) => [slot, slot / 4, 0, 0.25, 1]),
  ],
  [
    'two in one frame, who have passed each other',
    {
      layout: 'together',
      boxes: [
        { trackId: 1, slot: 0, box: { x: 600, y: 100, width: 200, height: 200 } },
        { trackId: 2, slot: 1, box: { x: 200, y: 100, width: 100, height: 200 } },
      ],
    },
    [
      [1, 0, 0, 0.475, 1],
      [0, 0.475, 0, 0.525, 1],
    ],
  ],
])('of %s', (_name, frame, expected) => {
  expect(tileBoxes(frame, 1000).map(({ slot, left, top, width, height }) => [slot, left, top, width, height])).toEqual(
    expected,
  );
});
