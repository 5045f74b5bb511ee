import * as z from 'zod';
import { trackId } from './slot-schema.js';

const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });

/** `PersonStatus` of the domain. */
export const personStatusSchema = z.object({
  trackId,
  name: z.string().optional().describe('stays with the person; absent where they have none'),
  slot: z.number().optional().describe('0 is the left tile; absent without a tile'),
  box: box.describe('pixels of the source picture'),
  head: box
    .optional()
    .describe('from hairline to chin, pixels of the source picture; absent where the detector finds no heads'),
  gaze: z
    .enum(['left', 'front', 'right', 'away'])
    .optional()
    .describe('where the person looks, in the picture; absent where the detector does not tell'),
  score: z.number(),
  isLeftOut: z.literal(true).optional().describe('gets no tile, by name or number: people.leaveOut'),
});
