import { z } from 'zod';
import { SHOT_KINDS, SHOT_REASONS } from '../../shared/domain/shot.js';

/** `ShotStatus` of the domain. */
export const shotStatusSchema = z.object({
  kind: z
    .enum(SHOT_KINDS)
    .describe('split: tiles; together: one frame for all; single: one person; wide: the whole scene'),
  reason: z.enum(SHOT_REASONS).describe('why it was chosen; docs/shots.md explains each'),
  since: z.string().describe('ISO 8601, when it began'),
});
