import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RefusedRequest } from './refused-request.js';

/** A mean delay of the event loop from which on requests are refused, ms: the gateway cannot do what it has already. */
const MAX_LOOP_DELAY_MS = 3_000;
const BUSY_RETRY_S = 5;

/** Whether the gateway lives and how it does is told all the same. */
const TOLD_ALWAYS: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Has requests refused with 503 while the event loop is that late, other than for the state of the gateway itself.
 *
 * @param maxDelayMs - mean delay over the last second, > 0. Higher accepts requests that wait long, lower refuses them sooner
 */
export async function limitPressure(server: FastifyInstance, maxDelayMs = MAX_LOOP_DELAY_MS): Promise<void> {
  await server.register(underPressure, { maxEventLoopDelay: maxDelayMs, pressureHandler: refuseForPressure });
}

function refuseForPressure(
  { routeOptions }: FastifyRequest,
  _reply: FastifyReply,
  _type: string,
  delayMs: number | undefined,
): Promise<void> {
  // Infinite: nothing was measured in the last second, as where the loop stood still while the gateway began. It runs now.
  if (delayMs === Infinity || TOLD_ALWAYS.has(routeOptions.url)) return Promise.resolve();
  const message = `the gateway has more to do than it can; try again in ${BUSY_RETRY_S} s`;
  return Promise.reject(
    new RefusedRequest(message, {
      status: 503,
      code: 'DIPTYCH_E_NOT_READY',
      headers: { 'retry-after': String(BUSY_RETRY_S) },
    }),
  );
}
