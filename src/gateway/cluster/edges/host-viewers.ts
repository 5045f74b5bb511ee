import * as z from 'zod';

/** How many viewers a host has, as it says. */
export const hostViewersSchema = z.object({
  host: z.string().describe('the host that answers'),
  viewers: z.number().describe('viewers that it sends pictures to, or is about to, of all streams'),
  viewersPerHost: z
    .number()
    .optional()
    .describe('cluster.viewersPerHost; absent where it sends streams of other hosts to nobody'),
  isDraining: z.boolean().describe('whether it takes nothing more'),
  pulls: z
    .array(z.object({ stream: z.string(), from: z.string().optional(), viewers: z.number() }))
    .describe('streams of other hosts that it sends to viewers: from which host, and to how many'),
});

/** Of {@link hostViewersSchema}. */
export type HostViewers = z.output<typeof hostViewersSchema>;

/** What the host that runs a stream asks another one for. */
export const offerSchema = z.strictObject({
  stream: z.string().min(1).max(64).describe('a stream that runs on the host that asks'),
  count: z.int().min(1).max(10_000).describe('viewers that are to come'),
  mayExceed: z.boolean().describe('whether there may be more than cluster.viewersPerHost: no host has room'),
});

/** What a host answers that is to take viewers. */
export const takenSchema = z.object({
  taken: z.int().min(0).describe('viewers that it takes, of those that it was asked for'),
});

/** Where hosts are asked for both. */
export const VIEWERS_PATH = '/api/v1/cluster/viewers';
