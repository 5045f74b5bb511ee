import type { ClusterHost } from '../cluster/cluster-host.adapter.js';
import type { MediaServer } from '../signaling/media-server.adapter.js';
import type { SignalingServer } from '../signaling/signaling-server.adapter.js';
import type { ProcessPool } from '../streams/process-pool.adapter.js';
import type { ProcessRecycler } from '../streams/process-recycler.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import type { UnitMeter } from '../units/unit-meter.adapter.js';
import type { GatewaySample } from './metrics.js';
import { readResidentBytes } from './resident-bytes.adapter.js';

/** Parts of the gateway that there are figures of. */
export interface SampledParts {
  /** Of this program. */
  readonly version: string;
  /** The streams and their processes. */
  readonly registry: Pick<StreamRegistry, 'list'>;
  /** The process that waits for a stream. */
  readonly pool: Pick<ProcessPool, 'spare'>;
  /** Viewers and WebSockets. */
  readonly signaling: Pick<SignalingServer, 'viewersOf' | 'sessionCount'>;
  /** Its process. */
  readonly media: Pick<MediaServer, 'pid'>;
  /** Hosts that share streams; absent where the gateway is alone. */
  readonly cluster?: Pick<ClusterHost, 'sample'> | undefined;
  /** Processes that were replaced. */
  readonly recycler: Pick<ProcessRecycler, 'recycles'>;
  /** What streams take; absent where nothing goes by it. */
  readonly meter?: Pick<UnitMeter, 'sample'> | undefined;
}

/** What the metrics tell now. */
export async function takeSample({
  version,
  registry,
  pool,
  signaling,
  media,
  recycler,
  cluster,
  meter,
}: SampledParts): Promise<GatewaySample> {
  const residentOf = async (pid: number | undefined): Promise<number | undefined> =>
    pid === undefined ? undefined : readResidentBytes(pid);
  const mediaResidentBytes = await residentOf(media.pid);
  const spareResidentBytes = await residentOf(pool.spare?.pid);
  return {
    version,
    residentBytes: process.memoryUsage.rss(),
    ...(mediaResidentBytes !== undefined && { mediaResidentBytes }),
    ...(spareResidentBytes !== undefined && { spareResidentBytes }),
    ...(pool.spare && { isSpareReady: pool.spare.isReady }),
    recycles: recycler.recycles,
    sessions: signaling.sessionCount,
    ...(cluster && { cluster: cluster.sample() }),
    ...(meter && { units: meter.sample() }),
    streams: await Promise.all(
      registry.list().map(async (stream) => {
        const residentBytes = await residentOf(stream.pid);
        return {
          id: stream.id,
          status: stream.status,
          timings: stream.timings,
          viewers: signaling.viewersOf(stream),
          restarts: stream.restarts,
          keyframeRequests: stream.keyframeRequests,
          ...(residentBytes !== undefined && { residentBytes }),
          streamsInProcess: stream.streamsInProcess,
          ...(stream.pid !== undefined && { pid: stream.pid }),
        };
      }),
    ),
  };
}
