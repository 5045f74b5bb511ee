import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { viewerRoom } from './access/viewer-room.js';
import { AccessKeeper, type FirstToken } from './access/access-keeper.adapter.js';
import { StreamAdmission } from './access/stream-admission.adapter.js';
import { listen } from './api/listen.adapter.js';
import { createServer, type ServerParts as Parts } from './gateway-server.js';
import { pathPrefixOf } from '../shared/config/base-path.js';
import type { LoadedConfiguration } from '../shared/config/loaded-configuration.js';
import type { GatewayConfig } from '../shared/config/schema.js';
import { Journals } from './events/stream-journal.adapter.js';
import { tellOnTerminal } from './events/terminal-journal.adapter.js';
import { installLastGuard } from './guard/last-guard.adapter.js';
import { serve } from './guard/serve.adapter.js';
import { urlsForDevices } from './signaling/device-urls.adapter.js';
import { MediaServer } from './signaling/media-server.adapter.js';
import { SignalingServer } from './signaling/signaling-server.adapter.js';
import { WhepEndpoint, type WhepEndpointOptions } from './webrtc-http/whep/whep-endpoint.adapter.js';
import { Prober } from './probe/prober.adapter.js';
import { Backoff } from '../shared/retry/backoff.js';
import { createStreamStore, followConfiguration } from './state/follow-configuration.adapter.js';
import { RecordingKeeper } from './recordings/recording-keeper.adapter.js';
import { ProcessRecycler } from './streams/process-recycler.adapter.js';
import { gpuDevices } from './streams/gpu-devices.adapter.js';
import { openStreams } from './streams/open-streams.adapter.js';
import type { ProcessAhead } from './streams/process-ahead.adapter.js';
import { processEnvironment } from './streams/process-environment.js';
import type { StreamRegistry } from './streams/stream-registry.adapter.js';
import { defaultRecordingsFolder } from '../shared/recordings/default-folder.adapter.js';
import type { BaseConfiguration } from './state/state-layer.js';
import type { Edges } from './cluster/edges/edges.adapter.js';
import type { ClusterHost, ClusterHostOptions } from './cluster/cluster-host.adapter.js';
import { createLogger, isForTerminal, type Logger } from '../shared/telemetry/logger.js';
import { readResidentBytes } from './metrics/resident-bytes.adapter.js';
import { clusterUnits, machineFor } from './units/machine-units.adapter.js';
import { UnitMeter } from './units/unit-meter.adapter.js';
import { builtPath } from '../shared/package-root.js';
import { packageVersion } from '../shared/package-version.adapter.js';

/** What a gateway is made with besides its configuration; for tests and other builds. */
export interface GatewayDependencies {
  /** Where all parts of the gateway log. @defaultValue standard error, as the configuration says */
  readonly logger?: Logger;
  /** Script of the stream process. @defaultValue stream/main.js of the build */
  readonly streamModulePath?: string;
  /** The process of the first stream, where it was started already; ended with the gateway. @defaultValue none was */
  readonly ahead?: ProcessAhead | undefined;
  /** Script of the process that tries a source. @defaultValue stream/probe-main.js of the build */
  readonly probeModulePath?: string;
  /** The page and what it loads. @defaultValue the viewer of the build */
  readonly viewerDirectory?: string;
  /**
   * How the configuration was written, and where changes are kept. @defaultValue as it is, and nowhere: what the API
   * changes is lost at the end
   */
  readonly loaded?: Omit<LoadedConfiguration, 'config' | 'text'>;
}

/** A running gateway. */
export interface Gateway {
  /** Of the page and the API, such as `http://127.0.0.1:8080`, with `http.basePath` where there is one. */
  readonly url: string;
  /** The same for other devices, the best first; empty where it listens on this machine only. */
  readonly deviceUrls: readonly string[];
  /** The token that the gateway made because it needs one and had none; absent where it needs none, or was given one. */
  readonly firstToken: FirstToken | undefined;
  /** Whether callers have to show who they are. */
  readonly isAccessNeeded: boolean;
  /** UDP and TCP port of all media. */
  readonly mediaPort: number | undefined;
  /** How long {@link Gateway.serve} may take before it closes, to give streams to other hosts, ms; 0 for most gateways. */
  readonly leaveLimitMs: number;
  /** Every stream, those of the configuration and those that were added since. */
  readonly registry: StreamRegistry;
  /**
   * Serves until `signal` aborts, then closes.
   *
   * @throws the error after which the gateway cannot go on (see {@link installLastGuard}), once it
   * has closed as far as it can
   */
  serve(signal: AbortSignal): Promise<void>;
  /**
   * Reads the configuration again and follows it, as far as that goes while it runs; what it does not change goes on.
   * The log says what was done. Never rejects.
   *
   * @param reason - for the log
   */
  reload(reason: string, load: () => Promise<LoadedConfiguration>): Promise<void>;
  /** Ends every stream and frees every port, within 2.5 s. Idempotent. */
  close(): Promise<void>;
}

/** All viewers wait for the media server, and starting it costs little. */
const MEDIA_RETRY = { isFirstAtOnce: true, capMs: 2_000 } as const;
/**
 * Starts the gateway process: media server, supervisors of the streams, HTTP and WebSocket.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` when the port is taken, `DIPTYCH_E_MEDIA` when
 * mediasoup does not start.
 */
export async function startGateway(config: GatewayConfig, dependencies: GatewayDependencies = {}): Promise<Gateway> {
  const {
    logger = createLogger({ ...config.log, name: 'gateway' }),
    streamModulePath = builtPath('stream/main.js'),
    probeModulePath = builtPath('stream/probe-main.js'),
    viewerDirectory = builtPath('viewer'),
    ahead,
    loaded = { name: 'the configuration', writtenStreams: config.streams },
  } = dependencies;
  const version = packageVersion();
  const parts = await openParts(config, loaded, { version, streamModulePath, probeModulePath, ahead, logger });
  const { media, registry, store, pool, signaling, whep, recycler, meter, recordings, prober, keeper, cluster } = parts;
  const guard = installLastGuard({ logger });

  let server: FastifyInstance | undefined;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      cluster?.retire();
      recycler.close();
      meter?.close();
      recordings.close();
      signaling.close();
      whep.close();
      keeper.close();
      await Promise.all([store.close(), registry.close(), pool.close(), prober.close(), server?.close()]);
      await cluster?.close();
      media.close();
      guard.remove();
      logger.info('gateway ended');
    })());

  try {
    server = await createServer(parts, config, viewerDirectory);
    const startStreams = await store.load(ownStreams(config, { ...loaded, streams: config.streams }, logger));
    const url = `${await listen(server, config.http)}${parts.pathPrefix}`;
    // A connection that could not be accepted, such as for want of file descriptors.
    server.server.on('error', (error) => logger.error({ err: error }, 'the HTTP server could not take a connection'));
    startStreams();
    cluster?.start(store, (id) => signaling.tellMoved(id));
    const deviceUrls = urlsForDevices(`${url}/`, config.http.host);
    const { port: mediaPort } = media;
    logger.info({ url, deviceUrls, mediaPort, streams: registry.list().map(({ id }) => id) }, 'gateway is up');
    const reload: Gateway['reload'] = (reason, load) =>
      followConfiguration({ store, keeper, started: config, logger }, reason, load);
    return {
      ...{ url, deviceUrls, mediaPort, registry, reload, close },
      firstToken: keeper.firstToken,
      isAccessNeeded: keeper.access.isNeeded,
      leaveLimitMs: cluster?.leaveLimitMs ?? 0,
      serve: (signal) => serve(signal, { guard, leave: () => cluster?.leave(), close }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens all parts; nothing is served yet, and no stream runs. */
async function openParts(
  config: GatewayConfig,
  loaded: NonNullable<GatewayDependencies['loaded']>,
  {
    version,
    probeModulePath,
    ...streamParts
  }: Pick<Parts, 'version' | 'logger'> &
    Pick<GatewayDependencies, 'ahead'> & { readonly streamModulePath: string; readonly probeModulePath: string },
): Promise<Parts> {
  const { logger } = streamParts;
  const folder = loaded.accessFolder ?? loaded.stateFolder;
  const [gpus, machine] = await Promise.all([
    gpuDevices(config.gpu, logger),
    machineFor(config, { folder, version, logger }),
  ]);
  const keeper = await AccessKeeper.open({
    ...{ config: config.access, host: config.http.host, isBehindProxy: config.http.trustProxy.length > 0 },
    ...{ folder, sharedSecret: config.cluster?.key, logger },
  });
  const media = await MediaServer.start({
    ...{ webrtc: config.webrtc, host: config.http.host, connectS: config.limits.connectS, logger },
    backoff: new Backoff(MEDIA_RETRY),
  });
  const find: ClusterHostOptions['find'] = (id) => registry.find(id);
  const units = clusterUnits(config, machine, () => meter);
  const cluster = await clusterFor(config, { version, units, find, passes: passesOf(keeper), logger });
  const { environment, onPeople } = cluster ?? {};
  const { registry, pool } = openStreams(config, { ...streamParts, media, gpus, environment, onPeople });
  const meter: UnitMeter | undefined = machine && new UnitMeter({ machine, gpus, registry, media, pool, logger });
  const admission = new StreamAdmission(config, meter?.room);
  const store = createStreamStore(loaded, { registry, admission, kept: cluster?.kept, logger });
  const { limits } = config;
  const { signaling, whep, edges } = createOutputs({ version, registry, media, keeper, limits, cluster, logger });
  const journals = new Journals(registry, logger);
  if (isForTerminal(config.log.format)) tellOnTerminal({ registry, journals, logger });
  const recordings = keeperFor(config, registry, logger);
  const prober = proberFor(config, probeModulePath, logger);
  const recycler = new ProcessRecycler({
    limitBytes: config.limits.processMemoryMb * 1_000_000,
    streams: () => registry.list(),
    viewersOf: (stream) => signaling.viewOf(stream).viewers,
    readMemory: readResidentBytes,
    logger,
  });
  return {
    ...{ version, media, registry, cluster, store, pool, signaling, whep, edges, recycler, meter, recordings, prober },
    ...{ journals, limits, keeper, pathPrefix: pathPrefixOf(config.http.basePath), logger },
  };
}

/** Nothing of it is loaded where the gateway is alone. */
async function clusterFor(
  { cluster: config }: GatewayConfig,
  options: Omit<ClusterHostOptions, 'config'>,
): Promise<ClusterHost | undefined> {
  if (!config) return undefined;
  const { openCluster } = await import('./cluster/cluster-host.adapter.js');
  return openCluster({ config, ...options });
}

/** What this gateway signs for other hosts. */
const passesOf = ({ access }: AccessKeeper): ClusterHostOptions['passes'] => ({
  asHost: (host, theirNowMs) => access.asHost(host, theirNowMs),
  visit: (caller) => access.visit(caller, randomUUID(), Date.now()),
});

/** Streams that run from the start: in a cluster those that hosts claim, and none of the file. */
function ownStreams(config: GatewayConfig, base: BaseConfiguration, logger: Logger): BaseConfiguration {
  if (!config.cluster) return base;
  if (config.streams.length > 0) {
    const { name } = base;
    logger.warn(`${name}: its streams are not run; diptych cluster import ${name} gives them to the cluster`);
  }
  return { ...base, streams: [], writtenStreams: [] };
}

type OutputParts = Pick<Parts, 'version' | 'registry' | 'media' | 'keeper' | 'limits' | 'cluster' | 'logger'>;

/** The ways to viewers: WebSockets of the page, and WHEP. */
function createOutputs({
  version,
  registry,
  media,
  keeper,
  limits,
  cluster,
  logger,
}: OutputParts): Pick<Parts, 'signaling' | 'whep' | 'edges'> {
  const edges: Edges | undefined = cluster?.openEdges({
    media,
    load: () => signaling.subscribed + whep.sessionCount,
    viewersOf: (stream) => signaling.viewersOf(stream),
    room: (stream) =>
      viewerRoom(limits, { all: signaling.allViewers, ofStream: stream ? signaling.viewersOf(stream) : 0 }),
    viewOf: (stream) => signaling.viewOf(stream),
    hostOf: (authorization) => keeper.access.hostOf(authorization, Date.now()),
  });
  const viewers: Pick<WhepEndpointOptions, 'allViewers' | 'viewersOf'> = {
    allViewers: () => signaling.allViewers,
    viewersOf: (stream) => signaling.viewersOf(stream),
  };
  const whep = new WhepEndpoint({ registry, media, limits, edges, ...viewers, logger });
  const signaling: SignalingServer = new SignalingServer({
    limits,
    registry,
    media,
    gatewayVersion: version,
    held: keeper.held,
    otherViewersOf: (stream) => whep.viewersOf(stream),
    elsewhere: cluster && { placeOf: cluster.placeOf, passFor: passesOf(keeper).visit },
    edges,
    logger,
  });
  return { signaling, whep, edges };
}

const keeperFor = ({ recordings }: GatewayConfig, registry: StreamRegistry, logger: Logger): RecordingKeeper =>
  new RecordingKeeper({ root: recordings.folder || defaultRecordingsFolder(), registry, logger });

const proberFor = ({ gpu, access, limits }: GatewayConfig, modulePath: string, logger: Logger): Prober =>
  new Prober({ modulePath, environment: processEnvironment(access), gpu, maxAtOnce: limits.probes, logger });
