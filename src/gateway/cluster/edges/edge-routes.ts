import type { z } from 'zod';
import { RefusedRequest } from '../../api/refused-request.js';
import { route, type Route } from '../../api/route.js';
import { hostViewersSchema, offerSchema, takenSchema, VIEWERS_PATH, type HostViewers } from './host-viewers.js';

/** What the routes of edges need of the host. */
export interface EdgeRoutesContext {
  /** How many viewers there are here. */
  readonly describe: () => HostViewers;
  /** Keeps places. @returns how many */
  readonly take: (offer: z.output<typeof offerSchema>) => number;
  /** The host of the cluster that asks; absent where it is none. */
  readonly hostOf: (authorization: string | undefined) => string | undefined;
}

/** Only hosts of the cluster may ask for this, also where nobody else is asked who they are. @throws {@link RefusedRequest} 401 */
export function requireHost(hostOf: EdgeRoutesContext['hostOf'], authorization: unknown): string {
  const host = hostOf(typeof authorization === 'string' ? authorization : undefined);
  if (host !== undefined) return host;
  throw new RefusedRequest('only hosts of the cluster may ask for this, with a token that its key has signed', {
    ...{ status: 401, code: 'DIPTYCH_E_UNAUTHENTICATED', headers: { 'www-authenticate': 'Bearer realm="Diptych"' } },
  });
}

/** How hosts agree on who sends pictures to viewers. */
export const edgeRoutes = ({ describe, take, hostOf }: EdgeRoutesContext): Route[] => [
  route({
    id: 'getHostViewers',
    role: 'operate',
    tag: 'service',
    method: 'GET',
    path: VIEWERS_PATH,
    summary: 'How many viewers this host of the cluster sends pictures to, and which streams it pulls for them',
    answer: { status: 200, description: 'The viewers of this host', schema: hostViewersSchema },
    handle: () => ({ body: describe(), headers: { 'cache-control': 'no-store' } }),
  }),
  route({
    id: 'takeViewers',
    role: 'operate',
    tag: 'service',
    method: 'POST',
    path: VIEWERS_PATH,
    summary:
      'Have this host pull a stream of another one for viewers that are to come; hosts of the cluster ask for it',
    body: offerSchema,
    answer: { status: 200, description: 'How many viewers it takes', schema: takenSchema },
    handle: ({ body, headers }) => {
      requireHost(hostOf, headers['authorization']);
      return { body: { taken: take(body) } };
    },
  }),
];
