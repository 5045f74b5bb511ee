import * as z from 'zod';
import { nameText } from '../../shared/config/people-schema.js';
import type { LeaveOutAction, SlotAction } from '../../shared/domain/slot-action.js';

/** Number of a person. */
export const trackId = z.int().min(1).describe('number of a person who is followed, as in people');

/** Body of `POST …/slots`. */
export const slotActionSchema = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('swap').describe('the two people change tiles; of three or four, the order is reversed'),
  }),
  z.strictObject({ action: z.literal('lock').describe('people keep their tiles wherever they go') }),
  z.strictObject({
    action: z
      .literal('unlock')
      .describe('tiles follow again who is on the left and who is on the right; pins and swaps end'),
  }),
  z.strictObject({
    action: z.literal('pin').describe('a person is shown in this tile until unlock'),
    slot: z.int().min(0).max(3).describe('0 is the leftmost tile; there are slots.maxTiles'),
    trackId,
  }),
  z.strictObject({
    action: z
      .literal('name')
      .describe('says who a person is; whoever had this name until now gets the name that the person had'),
    trackId,
    name: nameText().describe('empty takes the name away'),
  }),
  z.strictObject({
    action: z
      .literal('leave_out')
      .describe('a person gets no tile: adds their name, or number without one, to people.leaveOut'),
    trackId,
  }),
  z.strictObject({
    action: z.literal('take_in').describe('a person may have a tile again: takes them out of people.leaveOut'),
    trackId,
  }),
]) satisfies z.ZodType<SlotAction | LeaveOutAction>;
