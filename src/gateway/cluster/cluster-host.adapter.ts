import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ClusterConfig } from '../../shared/config/cluster-schema.js';
import type { RememberedPeople } from '../../shared/domain/remembered-people.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { RefusedRequest } from '../api/refused-request.js';
import { route, type Route } from '../api/route.js';
import type { StreamStore } from '../state/stream-store.adapter.js';
import type { KeptState } from '../state/stream-store-options.js';
import { ClusterMember } from './cluster-member.adapter.js';
import { clusterStatus, pendingReason } from './cluster-status.js';
import { ClusterStreams } from './cluster-streams.adapter.js';
import type { WantedRecord } from './cluster-view.js';
import { KeptPeople } from './kept-people.adapter.js';
import { Placement } from './placement.js';
import { SealedText } from './sealed-text.adapter.js';

/** What a gateway needs of the cluster that it belongs to. */
export interface ClusterHost {
  /** Environment of its stream processes. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the streams that run here are kept. */
  readonly kept: KeptState;
  /** Keeps whom a stream knows for the host that runs it next. */
  readonly onPeople: (streamId: string, people: RememberedPeople) => void;
  /** Hosts and streams. */
  readonly routes: readonly Route[];
  /** Sends requests for streams of other hosts on; to be called once it is known who asks. */
  readonly redirect: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** Begins to claim streams; they run in `store`. */
  start(store: Pick<StreamStore, 'take' | 'drop'>): void;
  /** Claims nothing more. */
  retire(): void;
  /** Gives everything back, once no stream runs any more. Idempotent. */
  close(): Promise<void>;
}

/** What it is made with. */
export interface ClusterHostOptions {
  /** Checked. */
  readonly config: ClusterConfig;
  /** Of this build. */
  readonly version: string;
  /** Whether a stream runs here. */
  readonly runsHere: (streamId: string) => boolean;
  /** Told what is claimed and lost. */
  readonly logger: Logger;
}

/** How soon a client may ask again for a stream that no host runs, s. */
const PENDING_RETRY_S = 1;

const statusSchema = z.strictObject({
  host: z.string().describe('the host that answers'),
  isPublishing: z.boolean().describe('whether it may publish and record: etcd has renewed its lease in time'),
  hosts: z.array(
    z.strictObject({
      id: z.string(),
      url: z.string().describe('its page and API'),
      version: z.string().describe('of Diptych'),
      units: z.number().describe('streams that it takes'),
      used: z.number().describe('of them, taken'),
      isDraining: z.boolean().describe('whether it is to give back what it runs'),
    }),
  ),
  streams: z.array(
    z.strictObject({
      id: z.string(),
      host: z.string().optional().describe('who runs it; absent where nobody does'),
      epoch: z.number().optional().describe('rises with each host that takes it'),
      pending: z.string().optional().describe('why no host runs it'),
    }),
  ),
});

/**
 * Joins a gateway to a cluster. Nothing is claimed before `start`.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where a certificate cannot be read
 */
export function openCluster({ config, version, runsHere, logger }: ClusterHostOptions): ClusterHost {
  const sealed = new SealedText(config.key);
  const member = new ClusterMember({ config, version, logger });
  const streams = new ClusterStreams({
    commit: (transaction) => member.commit(transaction),
    ...{ hostId: config.host, sealed, lease: () => member.lease, epochOf: (id) => member.epochOf(id) },
  });
  const problems = new Map<string, string>();
  const people = new KeptPeople({ member, sealed, logger });
  return {
    environment: { DIPTYCH_FENCE_FILE: member.fencePath },
    kept: streams,
    onPeople: (streamId, known) => people.keep(streamId, known),
    routes: [statusRoute(member)],
    redirect: redirectTo(member, runsHere, problems),
    start: (store) => startMember({ member, streams, sealed, people, store, problems, logger }),
    retire: () => member.retire(),
    close: () => member.close(),
  };
}

interface MemberParts {
  readonly member: ClusterMember;
  readonly streams: ClusterStreams;
  readonly sealed: SealedText;
  readonly people: KeptPeople;
  readonly store: Pick<StreamStore, 'take' | 'drop'>;
  /** Why a stream that is claimed here does not run, by its name. */
  readonly problems: Map<string, string>;
  readonly logger: Logger;
}

function startMember({ member, streams, sealed, people, store, problems, logger }: MemberParts): void {
  const take = async ({ id, sealed: text }: WantedRecord, isRun: boolean): Promise<void> => {
    try {
      const written = sealed.open(text ?? '', id);
      const isNews = streams.took(id, written);
      const known = isRun ? await people.of(id) : undefined;
      if (isNews || isRun) await store.take(JSON.parse(written), known);
      problems.delete(id);
    } catch (error) {
      problems.set(id, error instanceof Error ? error.message : String(error));
      logger.error({ stream: id, err: error }, 'a stream of the cluster cannot run here as it is kept');
    }
  };
  const drop = async (id: string): Promise<void> => {
    streams.dropped(id);
    problems.delete(id);
    people.forget(id);
    await store.drop(id).catch((error: unknown) => logger.error({ stream: id, err: error }, 'a stream did not end'));
  };
  // Of each stream one after another: one that is to end must not begin afterwards.
  const turns = new Map<string, Promise<void>>();
  const inTurn = (id: string, work: () => Promise<void>): Promise<void> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(work);
    turns.set(id, turn);
    return turn;
  };
  member.start({
    run: (stream) => void inTurn(stream.id, () => take(stream, true)),
    change: (stream) => void inTurn(stream.id, () => take(stream, false)),
    end: (id) => inTurn(id, () => drop(id)),
  });
}

const statusRoute = (member: ClusterMember): Route =>
  route({
    id: 'getCluster',
    role: 'admin',
    tag: 'service',
    method: 'GET',
    path: '/api/v1/cluster',
    summary: 'Hosts of the cluster, and which of them runs which stream',
    answer: { status: 200, description: 'The cluster as this host knows it', schema: statusSchema },
    handle: () => ({
      body: { host: member.hostId, isPublishing: member.isPublishing, ...clusterStatus(member.view) },
    }),
  });

/** What is asked of a stream that another host runs goes there; what of one that nobody runs is refused with the reason. */
function redirectTo(
  member: ClusterMember,
  runsHere: (streamId: string) => boolean,
  problems: ReadonlyMap<string, string>,
): ClusterHost['redirect'] {
  const { view } = member;
  const sendTo = (url: string, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply
      .code(307)
      .headers({ location: `${url}${request.url}`, 'cache-control': 'no-store' })
      .send();
  return async (request, reply) => {
    const { id } = request.params as { readonly id?: string };
    const path = request.routeOptions.url ?? '';
    if (request.method === 'POST' && path === '/api/v1/streams') {
      const url = hostForNew(member);
      return url === undefined ? undefined : sendTo(url, request, reply);
    }
    if (id === undefined || runsHere(id) || !view.streams.has(id)) return undefined;
    const claim = view.claims.get(id);
    const host = claim && view.hosts.get(claim.hostId);
    if (host && host.id !== member.hostId) return sendTo(host.url, request, reply);
    const problem = problems.get(id);
    const own = problem === undefined ? `${member.hostId} is about to run it` : `${member.hostId} cannot (${problem})`;
    const reason = host ? own : pendingReason(view, id);
    throw new RefusedRequest(`no host runs "${id}": ${reason}`, {
      ...{ status: 503, code: 'DIPTYCH_E_PENDING', headers: { 'retry-after': String(PENDING_RETRY_S) } },
    });
  };
}

/** Where a new stream is added: absent where this host has room for it. @throws where no host has */
function hostForNew({ view, hostId }: ClusterMember): string | undefined {
  const stream: WantedRecord = { id: '', units: 1, revision: 0 };
  const placement = new Placement(view, { hostId: '', units: 0 });
  if (!view.hosts.has(hostId) || placement.rankOf(hostId, stream) !== undefined) return undefined;
  const other = [...view.hosts.values()].find(({ id }) => placement.rankOf(id, stream) === 0);
  if (other) return other.url;
  const reason = placement.pendingReason(stream) ?? '';
  throw new RefusedRequest(`the stream is not added: ${reason}`, { status: 503, code: 'DIPTYCH_E_PENDING' });
}
