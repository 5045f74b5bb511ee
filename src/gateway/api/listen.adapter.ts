import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { isAnyAddress } from '../signaling/listen-addresses.js';

/**
 * Lets the server listen.
 *
 * @returns its address for people on this machine, such as `http://localhost:8080`
 * @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` where it cannot
 */
export async function listen(server: FastifyInstance, { host, port, tls }: GatewayConfig['http']): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new DiptychError(
      'DIPTYCH_E_CONFLICT',
      `cannot listen on ${host}:${port} (${reason}); end what uses it, or choose another with --port or http.port`,
      { cause: error },
    );
  }
  return ownUrl({ host, tls }, (server.server.address() as AddressInfo).port);
}

/** The address for people on this machine, without a path. */
export function ownUrl({ host, tls }: Pick<GatewayConfig['http'], 'host' | 'tls'>, port: number): string {
  const name = isAnyAddress(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${name}:${port}`;
}
