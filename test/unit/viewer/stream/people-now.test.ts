import { expect, it } from 'vitest';
import { peopleNow, type ShownPerson } from '#src/viewer/stream/people-now.js';

const person = (trackId: number, slot?: number): ShownPerson => ({ trackId, slot });

it.each<[string, ShownPerson[], ShownPerson[] | undefined, ShownPerson[]]>([
  ['no picture: the status counts', [person(7, 1), person(5, 0)], undefined, [person(5, 0), person(7, 1)]],
  [
    'tiles of the picture, not of the status',
    [person(5, 0), person(7, 1)],
    [person(5, 1), person(7, 0)],
    [person(7, 0), person(5, 1)],
  ],
  ['one whom the status does not have yet', [person(5, 0)], [person(5, 0), person(8, 1)], [person(5, 0), person(8, 1)]],
  ['one without a box in the picture', [person(5, 0), person(7)], [person(5, 0)], [person(5, 0), person(7)]],
  ['a tile that another has by now', [person(5, 0), person(7, 1)], [person(7, 0)], [person(7, 0), person(5)]],
  ['a tile that is held', [person(5, 0), person(7, 1)], [person(5, 0)], [person(5, 0), person(7, 1)]],
  [
    'those without a tile by their number',
    [person(9), person(3), person(5, 0)],
    undefined,
    [person(5, 0), person(3), person(9)],
  ],
])('%s', (_name, followed, shown, expected) => {
  const before = JSON.stringify([followed, shown]);

  const people = peopleNow(followed, shown);

  expect(people).toEqual(expected);
  expect(JSON.stringify([followed, shown])).toBe(before);
});
