import createFastify, { type FastifyInstance } from 'fastify';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { limitPressure } from '#src/gateway/api/pressure-limit.adapter.js';
import { RefusedRequest } from '#src/gateway/api/refused-request.js';

let server: FastifyInstance;

afterEach(() => server.close());

async function serve(maxDelayMs?: number): Promise<void> {
  server = createFastify();
  await limitPressure(server, maxDelayMs);
  server.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof RefusedRequest ? error.status : 500).send({}),
  );
  server.get('/healthz', () => ({}));
  server.get('/api', () => ({}));
  await server.ready();
}

/** Keeps the event loop from doing anything else. */
function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

const statusOf = async (url: string): Promise<number> => (await server.inject(url)).statusCode;

describe('the limit for a gateway that has too much to do', () => {
  it('refuses nothing where it has only begun late', async () => {
    await serve();
    block(1100);
    await delay(30);

    expect(await statusOf('/api')).toBe(200);
  });

  it('refuses all but questions about its state while the event loop is late', async () => {
    await serve(1);
    for (const endMs = performance.now() + 1500; performance.now() < endMs; await delay(1)) block(60);

    expect([await statusOf('/api'), await statusOf('/healthz')]).toEqual([503, 200]);
  });
});
