import { expect, it } from 'vitest';
import { ScaleChooser } from '#src/stream/stages/detect/scale-chooser.js';

const picture = { width: 1280, height: 720 };
const near = { x: 0, y: 0, width: 300, height: 700 };
const far = { x: 500, y: 0, width: 50, height: 100 };

it.each([
  ['near', [near], [256]],
  ['far', [far], [512]],
  ['near and far', [near, far], [256, 512]],
  ['unknown', [], [256, 512]],
])('uses what finds people who are %s', (_, people, sides) => {
  const chooser = new ScaleChooser([256, 512]);
  chooser.next(picture, people);

  expect(chooser.next(picture, people)).toEqual(sides);
});

it('looks for others now and then', () => {
  const chooser = new ScaleChooser([256, 512]);

  const turns = Array.from({ length: 16 }, () => chooser.next(picture, [near]).length);

  expect(turns.filter((count) => count === 2)).toHaveLength(2);
});
