import { expect, it } from 'vitest';
import { rejectSlotAction } from '#src/gateway/streams/reject-slot-action.js';
import { streamSchema } from '#src/shared/config/schema.js';
import type { SlotAction } from '#src/shared/domain/slot-action.js';

const config = streamSchema.parse({ source: { url: 'test:' }, slots: { maxTiles: 2 } });
const person = (trackId: number) => ({ trackId, box: { x: 0, y: 0, width: 1, height: 1 }, score: 1 });
const people = [person(4), person(9)];
const withLeftOut = [person(4), { ...person(9), isLeftOut: true as const }];

it.each<[string, SlotAction]>([
  ['a swap', { action: 'swap' }],
  ['a lock', { action: 'lock' }],
  ['a pin of somebody who is there', { action: 'pin', slot: 1, trackId: 9 }],
  ['a name of somebody who is there', { action: 'name', trackId: 9, name: 'Anna' }],
])('%s is taken', (_name, action) => {
  expect(() => rejectSlotAction(action, config, people)).not.toThrow();
});

it.each<[string, SlotAction, typeof people, string, string]>([
  [
    'a tile that the layout does not have',
    { action: 'pin', slot: 2, trackId: 9 },
    people,
    'DIPTYCH_E_BAD_INPUT',
    'slot: there is no tile 2; there is: 0, 1 (slots.maxTiles is 2, and 0 is the leftmost)',
  ],
  [
    'somebody who is not there',
    { action: 'pin', slot: 0, trackId: 5 },
    people,
    'DIPTYCH_E_NOT_FOUND',
    'trackId: nobody has the number 5 at the moment; there is: 4, 9',
  ],
  [
    'a name for somebody who is not there',
    { action: 'name', trackId: 5, name: 'Anna' },
    people,
    'DIPTYCH_E_NOT_FOUND',
    'trackId: nobody has the number 5 at the moment; there is: 4, 9',
  ],
  [
    'somebody where nobody is',
    { action: 'pin', slot: 0, trackId: 5 },
    [],
    'DIPTYCH_E_NOT_FOUND',
    'trackId: nobody has the number 5 at the moment; there is: nobody',
  ],
  [
    'a tile for somebody who is left out',
    { action: 'pin', slot: 0, trackId: 9 },
    withLeftOut,
    'DIPTYCH_E_BAD_INPUT',
    'trackId: person 9 is left out (people.leaveOut); take the person in again first, by POST …/slots {action: take_in}',
  ],
  [
    'somebody in a crowd',
    { action: 'pin', slot: 0, trackId: 99 },
    Array.from({ length: 22 }, (_, index) => person(index)),
    'DIPTYCH_E_NOT_FOUND',
    `trackId: nobody has the number 99 at the moment; there is: ${Array.from({ length: 20 }, (_, index) => index).join(', ')} and 2 more`,
  ],
])('%s is refused with what there is', (_name, action, there, code, message) => {
  expect(() => rejectSlotAction(action, config, there)).toThrow(expect.objectContaining({ code, message }) as Error);
});
