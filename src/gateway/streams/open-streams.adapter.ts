import type { GatewayConfig, StreamConfig } from '../../shared/config/schema.js';
import { networksVariable } from '../../shared/networks/network-access.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { MediaServer } from '../signaling/media-server.adapter.js';
import type { ManagedStreamOptions } from './managed-stream-options.js';
import type { GpuDevice } from './gpu-choice.js';
import { ProcessPool } from './process-pool.adapter.js';
import { preparationFor } from './spare-preparation.js';
import { StreamRegistry } from './stream-registry.adapter.js';

/** TensorRT builds its engines at the first start, which takes minutes. */
const TENSORRT_START_S = 1800;
/**
 * Pools of memory (arenas) of the C library in a stream process, whose threads come and go with its graphs. With
 * glibc's default of eight a core, what a thread frees stays with a pool that hardly any other uses: 1.2 MB more each
 * time that a camera came back. The environment variable `MALLOC_ARENA_MAX` of the gateway goes before.
 */
const MALLOC_ARENAS = process.env['MALLOC_ARENA_MAX'] ?? '2';

/** What each process that opens sources has in its environment. */
export const processEnvironment = (access: GatewayConfig['access']): Readonly<Record<string, string>> => ({
  MALLOC_ARENA_MAX: MALLOC_ARENAS,
  ...networksVariable(access),
});

/** Streams with the processes that they run in. */
export function openStreams(
  config: GatewayConfig,
  {
    media,
    streamModulePath,
    gpus,
    environment = {},
    onPeople,
    logger,
  }: {
    readonly media: Pick<MediaServer, 'openIngress'>;
    readonly streamModulePath: string;
    /** GPUs that the processes are spread over; none: each takes what it finds. */
    readonly gpus: readonly GpuDevice[];
    readonly environment?: Readonly<Record<string, string>> | undefined;
    readonly onPeople?: ManagedStreamOptions['onPeople'];
    readonly logger: Logger;
  },
): { readonly registry: StreamRegistry; readonly pool: ProcessPool } {
  // A process that is given a GPU sees no other.
  const gpu = gpus.length > 0 ? { ...config.gpu, device: 0 } : config.gpu;
  const pool = new ProcessPool({
    gpus,
    streamsPerProcess: config.streamsPerProcess,
    modulePath: streamModulePath,
    environment: {
      DIPTYCH_LOG_LEVEL: config.log.level,
      DIPTYCH_LOG_FORMAT: config.log.format,
      DIPTYCH_RECORDINGS_FOLDER: config.recordings.folder,
      ...processEnvironment(config.access),
      ...environment,
    },
    ...(config.gpu.provider === 'tensorrt' && { startTimeoutS: TENSORRT_START_S }),
    ...(config.spareProcess && { wantedSpare: () => preparationFor(streamConfigs(), gpu) }),
    logger,
  });
  const streamConfigs = (): readonly StreamConfig[] => registry.list().map((stream) => stream.config);
  const registry = new StreamRegistry({
    pool,
    onPeople,
    gpu,
    createIngress: (stream) =>
      media.openIngress({
        streamId: stream.id,
        onKeyframeRequest: () => stream.requestKeyframe(),
        onLost: () => stream.renewIngress(),
      }),
    logger,
  });
  return { registry, pool };
}
