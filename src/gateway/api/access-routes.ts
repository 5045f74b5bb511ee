import * as z from 'zod';
import { DiptychError } from '../../shared/domain/errors.js';
import { ROLES } from '../../shared/domain/role.js';
import type { AccessGate, SignedIn } from '../access/access-gate.adapter.js';
import { hasRole, type Caller } from '../access/caller.js';
import { requireRole, requireStream } from '../access/role-hook.adapter.js';
import type { HostAddress } from '../../shared/domain/host-address.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { route, type Route, type RouteReply } from './route.js';
import { hostAddressSchema } from './host-schema.js';

/** What these routes need of the gateway. */
export interface AccessRoutesContext {
  /** Knows who may use the gateway. */
  readonly gate: Pick<AccessGate, 'isNeeded' | 'signIn' | 'signOut' | 'renew' | 'invite'>;
  /** A link is for a stream that there is. */
  readonly registry: Pick<StreamRegistry, 'get'>;
  /** Before every path, as people see it; empty without one. */
  readonly pathPrefix: string;
  /** Hosts of the cluster, and what a caller shows to them. @defaultValue no cluster */
  readonly hostsFor?: ((caller: Caller) => KnownHosts) | undefined;
}

/** Where a browser goes when the host does not answer that it was with. */
export interface KnownHosts {
  /** Those that are there, with the one that answers. */
  readonly hosts: readonly HostAddress[];
  /** To be shown to the others; absent where they ask nobody. */
  readonly pass?: string;
}

const sessionSchema = z.object({
  required: z.boolean().describe('whether the gateway asks who somebody is'),
  signedIn: z.boolean().describe('whether whoever asks may do something'),
  name: z.string().optional().describe('name of the token'),
  isGuest: z.literal(true).optional().describe('present for whoever came by a link for guests'),
  role: z.enum(ROLES).optional().describe('what they may do'),
  streams: z.array(z.string()).optional().describe('the only streams that they may do it with; absent for all'),
  expiresAt: z.iso.datetime().optional().describe('when they have to sign in again'),
  hosts: z.array(hostAddressSchema).optional().describe('of a cluster: its hosts'),
  pass: z.string().optional().describe('of a cluster: stands for this browser at its other hosts, for some hours'),
});

const signInSchema = z.strictObject({
  token: z.string().min(1).max(4096).describe('a token, or that of a link for guests'),
});

/** The longest that a link for guests is good for, s: 30 days. */
const MAX_GUEST_S = 30 * 86_400;

const guestLinkBodySchema = z.strictObject({
  stream: z.string().min(1).max(63).describe('the stream that it is for'),
  validS: z
    .int()
    .min(10)
    .max(MAX_GUEST_S)
    .default(86_400)
    .describe('how long it is good for, s; what was opened with it ends then'),
  role: z
    .enum(['view', 'operate'])
    .default('view')
    .describe('view to watch; operate to send a camera as well, and to arrange the tiles'),
});

const guestLinkSchema = z.object({
  token: z.string().describe('stands for the guest: Authorization: Bearer, or ?token='),
  expiresAt: z.iso.datetime(),
  page: z.string().describe('path of the page; behind # a browser keeps the token to itself'),
  cleanView: z.string().describe('path of the clean view, for OBS and frames'),
  whep: z.string().describe('path for players'),
  publish: z.string().optional().describe('path of the page that sends a camera, with role operate'),
});

/** Who somebody is, signing in and out, and links for guests. */
export function accessRoutes(context: AccessRoutesContext): Route[] {
  return [...sessionRoutes(context), guestLinkRoute(context)];
}

function sessionRoutes({ gate, hostsFor }: AccessRoutesContext): Route[] {
  const answer = { status: 200, description: 'Who it is', schema: sessionSchema } as const;
  const describe = (caller: Caller): z.output<typeof sessionSchema> => ({
    ...sessionOf(caller, gate.isNeeded),
    ...(hasRole(caller, 'view') && told(hostsFor?.(caller))),
  });
  const keep = ({ caller, cookie, validS }: SignedIn): RouteReply => ({
    body: describe(caller),
    session: { cookie, validS },
  });
  return [
    route({
      id: 'getSession',
      role: 'none',
      tag: 'access',
      method: 'GET',
      path: '/api/v1/session',
      summary: 'Who asks, and what they may do',
      answer,
      handle: ({ caller }) => {
        const renewed = gate.renew(caller);
        return renewed ? keep(renewed) : { body: describe(caller), headers: { 'cache-control': 'no-store' } };
      },
    }),
    route({
      id: 'signIn',
      role: 'none',
      tag: 'access',
      method: 'POST',
      path: '/api/v1/session',
      summary: 'Sign a browser in: it is given a cookie. Programs send their token with each request instead',
      body: signInSchema,
      answer,
      failures: [401, 429],
      handle: async ({ body, caller }) => {
        if (!gate.isNeeded) return { body: describe(caller) };
        return keep(await gate.signIn(body.token.trim(), caller.address));
      },
    }),
    route({
      id: 'signOut',
      role: 'none',
      tag: 'access',
      method: 'DELETE',
      path: '/api/v1/session',
      summary: 'Sign a browser out; what it has open ends',
      answer: { status: 204, description: 'It is signed out' },
      handle: async ({ caller }) => {
        await gate.signOut(caller);
        return { session: { cookie: '', validS: 0 } };
      },
    }),
  ];
}

const guestLinkRoute = ({ gate, registry, pathPrefix }: AccessRoutesContext): Route =>
  route({
    id: 'addGuestLink',
    role: 'operate',
    isFiltered: true,
    tag: 'access',
    method: 'POST',
    path: '/api/v1/guest-links',
    summary: 'Make a link for a guest, which ends after a while, or with the token of who made it',
    body: guestLinkBodySchema,
    answer: { status: 201, description: 'The link, once: it is kept nowhere', schema: guestLinkSchema },
    failures: [404, 409],
    handle: ({ body: { stream, validS, role }, caller }) => {
      requireStream(caller, stream);
      requireRole(caller, role);
      const streamId = registry.get(stream).id;
      if (!gate.isNeeded || caller.tokenId === undefined) {
        throw new DiptychError(
          'DIPTYCH_E_CONFLICT',
          'nobody is asked who they are here, so that a link needs nothing; give the address of the page as it is',
        );
      }
      if (caller.way === 'guest') {
        throw new DiptychError('DIPTYCH_E_FORBIDDEN', 'a guest can make no links; ask whoever made yours');
      }
      const { token, expiresAtMs } = gate.invite(caller, { role, streamId }, validS * 1000);
      const name = encodeURIComponent(streamId);
      return {
        body: {
          token,
          expiresAt: new Date(expiresAtMs).toISOString(),
          page: `${pathPrefix}/s/${name}#token=${token}`,
          cleanView: `${pathPrefix}/s/${name}?view=clean&token=${token}`,
          whep: `${pathPrefix}/whep/${name}?token=${token}`,
          ...(role === 'operate' && { publish: `${pathPrefix}/publish/${name}#token=${token}` }),
        },
        headers: { 'cache-control': 'no-store' },
      };
    },
  });

const told = (known: KnownHosts | undefined): Pick<z.output<typeof sessionSchema>, 'hosts' | 'pass'> | undefined =>
  known && { ...known, hosts: [...known.hosts] };

function sessionOf(caller: Caller, required: boolean): z.output<typeof sessionSchema> {
  const { way, name, role, streams, expiresAtMs } = caller;
  if (role === undefined || !hasRole(caller, 'view')) return { required, signedIn: false };
  return {
    ...{ required, signedIn: true, name, role },
    ...(way === 'guest' && { isGuest: true as const }),
    ...(streams && { streams: [...streams] }),
    ...(expiresAtMs !== undefined && { expiresAt: new Date(expiresAtMs).toISOString() }),
  };
}
