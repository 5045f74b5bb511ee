import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../shared/config/schema.js';
import type { Logger } from '../shared/telemetry/logger.js';
import type { AccessKeeper } from './access/access-keeper.adapter.js';
import type { ClusterHost } from './cluster/cluster-host.adapter.js';
import type { Edges } from './cluster/edges/edges.adapter.js';
import type { Journals } from './events/stream-journal.adapter.js';
import type { Prober } from './probe/prober.adapter.js';
import type { RecordingKeeper } from './recordings/recording-keeper.adapter.js';
import type { MediaServer } from './signaling/media-server.adapter.js';
import { SocketRoutes } from './signaling/socket-routes.adapter.js';
import { addPipeRoute } from './signaling/pipe-route.adapter.js';
import type { SignalingServer } from './signaling/signaling-server.adapter.js';
import type { StreamStore } from './state/stream-store.adapter.js';
import type { ProcessPool } from './streams/process-pool.adapter.js';
import type { ProcessRecycler } from './streams/process-recycler.adapter.js';
import type { StreamRegistry } from './streams/stream-registry.adapter.js';
import type { WhepEndpoint } from './webrtc-http/whep/whep-endpoint.adapter.js';
import { AccessGate } from './access/access-gate.adapter.js';
import { statusFor } from './access/hidden-addresses.js';
import type { Caller } from './access/caller.js';
import { Doorkeeper } from './access/doorkeeper.js';
import { accessRoutes, type KnownHosts } from './api/access-routes.js';
import { createHttpServer } from './api/http-server.adapter.js';
import { eventRoute } from './api/event-route.js';
import { probeRoute } from './api/probe-route.js';
import { problemRoutes } from './api/problem-routes.js';
import { recordingRoutes } from './api/recording-routes.js';
import { targetRetryRoute } from './api/target-retry-route.js';
import { serviceRoutes } from './api/service-routes.js';
import type { Route } from './api/route.js';
import { streamRoutes } from './api/stream-routes.js';
import { sdpPaths } from './webrtc-http/sdp-openapi.js';
import { sdpRoutes } from './webrtc-http/sdp-routes.adapter.js';
import { GatewayMetrics } from './metrics/metrics.js';
import { takeSample } from './metrics/take-sample.adapter.js';
import type { UnitMeter } from './units/unit-meter.adapter.js';
import { Publishers } from './whip/publishers.adapter.js';

/** Parts of the gateway that its server serves. */
export interface ServerParts {
  /** Version of the gateway. */
  readonly version: string;
  /** Media of viewers and publishers. */
  readonly media: MediaServer;
  /** Streams by name. */
  readonly registry: StreamRegistry;
  /** Changes and keeps them. */
  readonly store: StreamStore;
  /** WebSockets of the page. */
  readonly signaling: SignalingServer;
  /** Players. */
  readonly whep: WhepEndpoint;
  /** What was recorded. */
  readonly recordings: RecordingKeeper;
  /** Tries sources. */
  readonly prober: Prober;
  /** What happened. */
  readonly journals: Journals;
  /** Who may do what. */
  readonly keeper: AccessKeeper;
  /** How much there may be of what. */
  readonly limits: GatewayConfig['limits'];
  /** Other hosts that share streams; absent without them. */
  readonly cluster?: ClusterHost | undefined;
  /** Viewers that hosts share; absent without other hosts. */
  readonly edges?: Edges | undefined;
  /** Before every path, as people see it; empty without one. */
  readonly pathPrefix: string;
  /** Processes of streams, for the metrics. */
  readonly pool: ProcessPool;
  /** Replaces those that grow, for the metrics. */
  readonly recycler: ProcessRecycler;
  /** What streams take of the machine; absent where nothing goes by it. */
  readonly meter: UnitMeter | undefined;
  /** Receives requests and failures. */
  readonly logger: Logger;
}

/** Everything that is served over HTTP, not yet listening. */
export async function createServer(
  parts: ServerParts,
  config: GatewayConfig,
  viewerDirectory: string,
): Promise<FastifyInstance> {
  const { media, registry, signaling, whep, keeper, pathPrefix, limits, logger } = parts;
  const { allowedOrigins, frameAncestors, trustProxy, tls } = config.http;
  const { held } = keeper;
  const gate = new AccessGate(keeper);
  const common = { iceServers: () => media.iceServers, pathPrefix, held };
  const publishers = new Publishers({ registry, media, limits, logger });
  const server = await createHttpServer({
    ...{
      routes: routesFor(parts, gate),
      viewerDirectory,
      gate,
      held,
      pathPrefix,
      allowedOrigins,
      frameAncestors,
      trustProxy,
      tls,
      logger,
    },
    limits,
    hasStream: (id) => registry.find(id) !== undefined || parts.cluster?.placeOf(id) !== undefined,
    hostOrigins: hostOriginsOf(parts.cluster),
    pageOrigins: parts.cluster?.pageOrigins,
    endpoints: [
      sdpRoutes({ prefix: '/whip', endpoint: publishers, role: 'operate', ...common }),
      sdpRoutes({ prefix: '/whep', endpoint: whep, role: 'view', ...common }),
    ],
    doorkeeper: doorkeeperFor(config, parts.cluster?.pageOrigins),
    beforeHandler: parts.cluster?.redirect,
  });
  const sockets = new SocketRoutes(server, logger);
  signaling.attach(sockets);
  if (parts.edges) addPipeRoute(sockets, parts.edges);
  return server;
}

/** The routes of the API. */
function routesFor(parts: ServerParts, gate: AccessGate): Route[] {
  const { version, media, registry, store, signaling, pathPrefix, limits, cluster } = parts;
  const routes = [
    ...streamRoutes({
      registry,
      store,
      viewOf: (stream, caller) => statusFor(caller, signaling.viewOf(stream)),
      elsewhere: cluster && {
        has: (id) => cluster.placeOf(id) !== undefined,
        list: async (caller) => (await cluster.listElsewhere()).map((view) => statusFor(caller, view)),
      },
    }),
    ...recordingRoutes({ recordings: parts.recordings }),
    targetRetryRoute({ registry }),
    probeRoute({ store, prober: parts.prober }),
    ...accessRoutes({
      gate,
      registry,
      pathPrefix,
      hostsFor: cluster && ((caller) => knownHosts(cluster, gate, caller)),
    }),
    ...problemRoutes(),
    ...(cluster?.routes ?? []),
    ...(parts.edges?.routes ?? []),
    eventRoute({ registry, journals: parts.journals, maxReaders: limits.eventReaders }),
  ];
  const service = serviceRoutes({
    version,
    routes,
    otherPaths: sdpPaths(),
    metrics: new GatewayMetrics(() => takeSample(parts)),
    mediaAnswers: () => media.answers,
    streams: () => registry.list(),
    isDraining: () => cluster?.isDraining() === true,
  });
  return [...routes, ...service];
}

/** By which names this gateway may be opened, and from which pages. */
function doorkeeperFor(
  { http, webrtc, cluster }: GatewayConfig,
  moreOrigins: (() => readonly string[]) | undefined,
): Doorkeeper {
  const { announcedAddress, announcedAddresses } = webrtc;
  const own = cluster && [new URL(cluster.url).hostname];
  return new Doorkeeper({
    hosts: [hostname(), http.host, announcedAddress, ...announcedAddresses, ...http.allowedHosts, ...(own ?? [])],
    origins: http.allowedOrigins,
    moreOrigins,
  });
}

/** Origins of the pages of all hosts, as they are when it is asked. */
const hostOriginsOf = (cluster: ClusterHost | undefined): (() => readonly string[]) | undefined =>
  cluster && (() => cluster.hosts().flatMap(({ url }) => (URL.canParse(url) ? [new URL(url).origin] : [])));

/** Where a browser goes when this host does not answer. */
function knownHosts(cluster: ClusterHost, gate: AccessGate, caller: Caller): KnownHosts {
  const pass = gate.visit(caller);
  return { hosts: cluster.hosts(), ...(pass !== undefined && { pass }) };
}
