import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import type { LimitsConfig } from '../../shared/config/limits-schema.js';
import { addressGroup } from './address-group.js';
import { limitError } from './limit-error.js';

/** A page that is loaded asks for much at once, and then for little. */
const WINDOW_S = 10;
/** Addresses that are counted. */
const MAX_ADDRESSES = 10_000;
const NO_HEADERS = {
  'x-ratelimit-limit': false,
  'x-ratelimit-remaining': false,
  'x-ratelimit-reset': false,
  'retry-after': false,
} as const;

/** Refuses requests of an address that sends too many. To be called before routes are added. */
export async function limitRate(
  server: FastifyInstance,
  { requestsPerS }: Pick<LimitsConfig, 'requestsPerS'>,
): Promise<void> {
  await server.register(rateLimit, {
    max: requestsPerS * WINDOW_S,
    timeWindow: WINDOW_S * 1000,
    cache: MAX_ADDRESSES,
    keyGenerator: ({ ip }) => addressGroup(ip),
    addHeaders: NO_HEADERS,
    addHeadersOnExceeding: NO_HEADERS,
    errorResponseBuilder: () => {
      const what = `requests from your address: ${requestsPerS} a second, over ${WINDOW_S} s`;
      return limitError('DIPTYCH_E_LIMIT_RATE', what, 'requestsPerS', 'send fewer');
    },
  });
}
