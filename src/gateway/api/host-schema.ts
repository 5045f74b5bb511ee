import * as z from 'zod';

/** `HostAddress` of the domain. */
export const hostAddressSchema = z.object({
  host: z.string().describe('name of a host of the cluster'),
  url: z.string().describe('its page and API'),
});

/** `EdgeViewers` of the domain. */
export const edgeViewersSchema = hostAddressSchema.extend({
  viewers: z.number().describe('browsers and players that it sends the stream to'),
});
