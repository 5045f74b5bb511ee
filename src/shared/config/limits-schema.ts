import { z } from 'zod';

/** What the gateway does not let happen, however long it runs. */
export const limitsSchema = z.strictObject({
  processMemoryMb: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(3000)
    .describe(
      'memory that a stream process may take for each stream in it, MB; one that takes more is replaced at a quiet moment, or after half an hour; higher tolerates more, lower replaces sooner, 0 never does',
    ),
});
