import * as z from 'zod';
import { SHOT_KINDS, SHOT_PRESETS, SHOT_REASONS, type ShotAction } from '../../shared/domain/shot.js';
import { trackId } from './slot-schema.js';

/** `ShotStatus` of the domain. */
export const shotStatusSchema = z.object({
  kind: z
    .enum(SHOT_KINDS)
    .describe('split: tiles; together: one frame for all; single: one person; wide: the whole scene'),
  reason: z.enum(SHOT_REASONS).describe('why it is shown now; docs/shots.md explains each'),
  since: z.string().describe('ISO 8601, when it began'),
  isHeld: z.literal(true).optional().describe('shots are held by hand, until that is released'),
  held: z
    .object({
      kind: z.enum(SHOT_KINDS),
      trackId: trackId.optional(),
      name: z.string().optional().describe('of trackId, as far as it is known'),
      isMissing: z
        .literal(true)
        .optional()
        .describe('trackId cannot be shown, gone or left out: somebody else is, or nobody'),
    })
    .optional()
    .describe('the shot that is held; another one is shown while there are no people for it'),
  preset: z.enum(SHOT_PRESETS).describe('how calmly shots change and follow people: shots.preset'),
});

const kind = z.enum(SHOT_KINDS);
const who = trackId
  .optional()
  .describe('of single, and refused beside another kind: who is shown; absent: who is nearest to the camera');

/** Body of `POST …/shot`. */
export const shotActionSchema = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('take').describe('this shot is shown now, and for shots.minS at least'),
    kind,
    trackId: who,
  }),
  z.strictObject({
    action: z.literal('hold').describe('this shot is shown until it is released, as far as there are people for it'),
    kind: kind.optional().describe('absent: the shot that is shown'),
    trackId: who,
  }),
  z.strictObject({ action: z.literal('release').describe('the rules decide again') }),
]) satisfies z.ZodType<ShotAction>;
