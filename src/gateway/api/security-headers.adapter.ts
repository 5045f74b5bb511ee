import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** What a page may load: everything from this gateway only. */
const CONTENT_SECURITY = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  mediaSrc: ["'self'", 'blob:'],
  connectSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'self'"],
  formAction: ["'self'"],
} as const;

/** Scripts of the page go on with another host of the cluster when theirs does not answer. */
const connectSources = (hosts: readonly string[]): string[] =>
  hosts.flatMap((origin) => [origin, origin.replace(/^http/, 'ws')]);

/**
 * The policy of a page that may be held in frames.
 *
 * @param ancestors - origins of pages that may hold it
 * @param hosts - origins of the hosts of the cluster
 */
export const framedBy = (ancestors: readonly string[], hosts: readonly string[] = []): string =>
  [
    ...Object.entries({
      ...CONTENT_SECURITY,
      connectSrc: [...CONTENT_SECURITY.connectSrc, ...connectSources(hosts)],
    }),
    ['frameAncestors', ancestors] as const,
  ]
    .map(([name, values]) => `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${values.join(' ')}`)
    .join(';');

/** Headers of every answer. No page may be held in a frame: a click in it may be meant for another. */
export async function addSecurityHeaders(
  server: FastifyInstance,
  hostOrigins?: () => readonly string[],
): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        ...asLists(CONTENT_SECURITY),
        ...(hostOrigins && { connectSrc: ["'self'", () => connectSources(hostOrigins()).join(' ')] }),
        frameAncestors: ["'none'"],
      },
    },
    // Pictures of cameras are for pages of this gateway.
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // A certificate that nobody signed could not be accepted by hand any more.
    strictTransportSecurity: false,
    // For secure origins only; elsewhere browsers complain of them.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    // frame-ancestors says it, with exceptions.
    xFrameOptions: false,
  });
}

const asLists = (directives: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(directives).map(([name, values]) => [name, [...values]]));
