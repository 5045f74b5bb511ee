import type { FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { ClusterConfig } from '../../shared/config/cluster-schema.js';
import type { RememberedPeople } from '../../shared/domain/remembered-people.js';
import type { HostAddress } from '../../shared/domain/host-address.js';
import type { StreamView } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { Caller } from '../access/caller.js';
import { RefusedRequest } from '../api/refused-request.js';
import { route, type Route } from '../api/route.js';
import type { ClusterSample } from '../metrics/cluster-metrics.js';
import type { StreamStore } from '../state/stream-store.adapter.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { KeptState } from '../state/stream-store-options.js';
import { ClusterRunner } from './cluster-runner.adapter.js';
import { ClusterMember } from './cluster-member.adapter.js';
import { ClusterPeers } from './cluster-peers.adapter.js';
import { clusterStatus } from './cluster-status.js';
import { ClusterStreams } from './cluster-streams.adapter.js';
import type { WantedRecord } from './cluster-view.js';
import { Edges, type EdgeParts } from './edges/edges.adapter.js';
import type { MeasuredUnits } from './host-reports.adapter.js';
import { HostOrigins } from './host-origins.js';
import { KeptPeople } from './kept-people.adapter.js';
import { PeerRequests } from './peer-requests.adapter.js';
import { Placement } from './placement.js';
import { SealedText } from './sealed-text.adapter.js';
import { notRunText, placeOf as placeOfStream, type StreamPlace } from './stream-place.js';
import { StreamsElsewhere } from './streams-elsewhere.adapter.js';
import { wantedUnits } from './wanted-units.js';

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
  /** Opens what shares viewers with other hosts; to be called once, before anything is served. */
  readonly openEdges: (parts: EdgeParts) => Edges;
  /** Sends requests for streams of other hosts on; to be called once it is known who asks. */
  readonly redirect: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** Where a stream is that does not run here; absent where the cluster has none of this name. */
  readonly placeOf: (streamId: string) => StreamPlace | undefined;
  /** Streams that do not run here. Never rejects. */
  readonly listElsewhere: () => Promise<readonly StreamView[]>;
  /** Every host that is there, with this one. */
  readonly hosts: () => readonly HostAddress[];
  /** Origins of the pages of all hosts, those included that have gone since this one began. */
  readonly pageOrigins: () => readonly string[];
  /** Whether it is to give away what it runs. */
  readonly isDraining: () => boolean;
  /** For metrics. */
  readonly sample: () => ClusterSample;
  /** Begins to claim streams; they run in `store`. @param tellMoved - tells those who watch a stream that another host has it */
  start(store: Pick<StreamStore, 'take' | 'drop'>, tellMoved: (streamId: string) => void): void;
  /** How long `leave` may take, ms. */
  readonly leaveLimitMs: number;
  /** Gives what runs to other hosts before the gateway ends, where that is wanted. Never rejects. */
  leave(): Promise<void>;
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
  /** What this host takes, and what its streams take of it. */
  readonly units: MeasuredUnits;
  /** A stream that runs here, or is being ended. */
  readonly find: (streamId: string) => ManagedStream | undefined;
  /** Signs what a host or a browser shows to other hosts. */
  readonly passes: ClusterPasses;
  /** Told what is claimed and lost. */
  readonly logger: Logger;
}

/** Signs with the key of the cluster. */
export interface ClusterPasses {
  /** What this host shows to another one. @param theirNowMs - Unix time of that host, ms */
  readonly asHost: (host: string, theirNowMs: number) => string;
  /** What a browser shows to another host; absent where it needs nothing. */
  readonly visit: (caller: Caller) => string | undefined;
}

/** How soon a client may ask again for a stream that no host runs, s. */
const PENDING_RETRY_S = 1;
/** A gateway that is stopped ends after so long, ms, also where other hosts have not taken everything. */
const DRAIN_LIMIT_MS = 60_000;
const DRAIN_LOOK_MS = 50;
/** How often it is looked which hosts there are, for their pages, ms. */
const SEE_MS = 500;
/** Until viewers have gone to other hosts, ms. */
const LEAVE_MS = 2500;
/** How long a gateway with `cluster.drainOnTerm` may take more to end, ms; systemd and Kubernetes have to wait longer. */
export const LEAVE_LIMIT_MS = DRAIN_LIMIT_MS + LEAVE_MS;

const statusSchema = z.strictObject({
  host: z.string().describe('the host that answers'),
  isPublishing: z.boolean().describe('whether it may publish and record: etcd has renewed its lease in time'),
  hosts: z.array(
    z.strictObject({
      id: z.string(),
      url: z.string().describe('its page and API'),
      version: z.string().describe('of Diptych'),
      units: z.number().describe('what it takes, in streams of 1920×1080 at 30 pictures a second'),
      used: z.number().describe('of them, taken: as measured, and reserved'),
      reserved: z.number().describe('of those, reserved for streams that it has not measured yet'),
      isDraining: z.boolean().describe('whether it is to give back what it runs'),
    }),
  ),
  streams: z.array(
    z.strictObject({
      id: z.string(),
      host: z.string().optional().describe('who runs it; absent where nobody does'),
      epoch: z.number().optional().describe('rises with each host that takes it'),
      units: z.number().describe('what it counts'),
      isMeasured: z.boolean().describe('whether that was measured; else it is estimated by its output'),
      pending: z.string().optional().describe('why no host runs it'),
    }),
  ),
});

/**
 * Joins a gateway to a cluster. Nothing is claimed before `start`.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where a certificate cannot be read
 */
export function openCluster({ config, version, units, find, passes, logger }: ClusterHostOptions): ClusterHost {
  const sealed = new SealedText(config.key);
  const member = new ClusterMember({ config, version, units, logger });
  const streams = new ClusterStreams({
    commit: (transaction) => member.commit(transaction),
    ...{ hostId: config.host, sealed, lease: () => member.lease, epochOf: (id) => member.epochOf(id) },
  });
  const problems = new Map<string, string>();
  const people = new KeptPeople({ member, sealed, logger });
  const { view } = member;
  const placeOf = (streamId: string): StreamPlace | undefined => {
    // One that another host has may run here as well: not yet, or not any more.
    const { hostId = config.host } = view.claims.get(streamId) ?? {};
    if (find(streamId) && hostId === config.host) return undefined;
    return placeOfStream(view, { streamId, hostId: config.host, problem: problems.get(streamId) });
  };
  const isElsewhere = (streamId: string): boolean => 'url' in (placeOf(streamId) ?? {});
  const requests = new PeerRequests((theirNowMs) => passes.asHost(config.host, theirNowMs));
  const peers = new ClusterPeers({ view, hostId: config.host, requests });
  let edges: Edges | undefined;
  const hosts = (): HostAddress[] => [...view.hosts.values()].map(({ id, url }) => ({ host: id, url }));
  const origins = new HostOrigins();
  const seeing = setInterval(() => origins.see(hosts(), Date.now()), SEE_MS).unref();
  const elsewhere = new StreamsElsewhere({ view, peers, sealed, placeOf });
  return {
    environment: { DIPTYCH_FENCE_FILE: member.fencePath },
    kept: streams,
    onPeople: (streamId, known) => people.keep(streamId, known),
    routes: [statusRoute(member)],
    openEdges: (parts) => {
      const { host: hostId, viewersPerHost } = config;
      return (edges = new Edges({ ...parts, viewersPerHost, view, hostId, find, placeOf, requests, sealed, logger }));
    },
    redirect: redirectTo(member, passes, { placeOf, edges: () => edges }),
    placeOf,
    listElsewhere: () => elsewhere.list(),
    hosts,
    pageOrigins: () => origins.list(),
    isDraining: () => member.isDraining,
    sample: () => ({
      ...{ host: config.host, ...clusterStatus(view), lease: member.leaseSample },
      ...{ pulls: edges?.describe().pulls ?? [], pipes: edges?.senderCount ?? 0 },
    }),
    start: (store, tellMoved) => {
      const common = { streams, sealed, people, store, find, isElsewhere, tellMoved, problems, logger };
      member.start(new ClusterRunner(common));
    },
    leaveLimitMs: config.drainOnTerm ? LEAVE_LIMIT_MS : 0,
    leave: () => (config.drainOnTerm ? drainBeforeEnd(member, logger) : Promise.resolve()),
    retire: () => member.retire(),
    close: () => {
      clearInterval(seeing);
      edges?.close();
      return member.close();
    },
  };
}

/** Gives away what runs, and waits until it has; not longer than that can come to something. */
async function drainBeforeEnd(member: ClusterMember, logger: Logger): Promise<void> {
  try {
    await member.drain();
  } catch (error) {
    logger.warn({ err: error }, 'the streams of this host cannot be given to others');
    return;
  }
  const { view, hostId } = member;
  const isHopeless = (): boolean => ![...view.hosts.keys()].some((id) => id !== hostId && !view.draining.has(id));
  const endMs = performance.now() + DRAIN_LIMIT_MS;
  while (member.running.length > 0 && !isHopeless() && performance.now() < endMs) await sleep(DRAIN_LOOK_MS);
  logger.info({ left: member.running }, 'this host has given its streams to others');
  // Viewers are on their way.
  await sleep(LEAVE_MS);
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
  passes: ClusterPasses,
  {
    placeOf,
    edges,
  }: {
    readonly placeOf: (streamId: string) => StreamPlace | undefined;
    readonly edges: () => Edges | undefined;
  },
): ClusterHost['redirect'] {
  const sendTo = (url: string, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    // Cookies stay with this host: the page signs in at the other one with what is behind #.
    const isPage = request.routeOptions.config.access?.isPage === true;
    const pass = isPage && request.refusal === undefined ? passes.visit(request.caller) : undefined;
    const location = `${url}${request.url}${pass === undefined ? '' : `#token=${pass}`}`;
    return reply.code(307).headers({ location, 'cache-control': 'no-store' }).send();
  };
  return async (request, reply) => {
    const { id } = request.params as { readonly id?: string };
    const path = request.routeOptions.url ?? '';
    if (request.method === 'POST' && path === '/api/v1/streams') {
      const url = hostForNew(member, wantedUnits(request.body));
      return url === undefined ? undefined : sendTo(url, request, reply);
    }
    if (id === undefined) return undefined;
    const player = path.startsWith('/whep/') ? await edges()?.playerPlace(id, request.method) : undefined;
    if (player === 'here') return undefined;
    const place = player ?? placeOf(id);
    if (place === undefined) return undefined;
    if ('url' in place) return sendTo(place.url, request, reply);
    // The page says so, and goes on by itself.
    if (request.routeOptions.config.access?.isPage === true) return undefined;
    throw new RefusedRequest(notRunText(id, place.reason), {
      ...{ status: 503, code: 'DIPTYCH_E_PENDING', headers: { 'retry-after': String(PENDING_RETRY_S) } },
    });
  };
}

/** Where a new stream is added: absent where this host has room for it. @throws where no host has */
function hostForNew({ view, hostId }: ClusterMember, units: number): string | undefined {
  const stream: WantedRecord = { id: '', units, revision: 0 };
  const placement = new Placement(view, { hostId: '', units: 0 });
  if (!view.hosts.has(hostId) || placement.rankOf(hostId, stream) !== undefined) return undefined;
  const other = [...view.hosts.values()].find(({ id }) => placement.rankOf(id, stream) === 0);
  if (other) return other.url;
  const reason = placement.pendingReason(stream) ?? '';
  throw new RefusedRequest(`the stream is not added: ${reason}`, { status: 503, code: 'DIPTYCH_E_PENDING' });
}
