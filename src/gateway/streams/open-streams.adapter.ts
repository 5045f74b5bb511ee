import type { GatewayConfig, StreamConfig } from '../../shared/config/schema.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { MediaServer } from '../signaling/media-server.adapter.js';
import type { ManagedStreamOptions } from './managed-stream-options.js';
import type { GpuDevice } from './gpu-choice.js';
import type { ProcessAhead } from './process-ahead.adapter.js';
import { streamEnvironment } from './process-environment.js';
import { processGpu } from './process-gpu.js';
import { ProcessPool } from './process-pool.adapter.js';
import { preparationFor } from './spare-preparation.js';
import { StreamRegistry } from './stream-registry.adapter.js';

/** TensorRT builds its engines at the first start, which takes minutes. */
const TENSORRT_START_S = 1800;
/** Streams with the processes that they run in. */
export function openStreams(
  config: GatewayConfig,
  {
    media,
    streamModulePath,
    gpus,
    environment = {},
    ahead,
    onPeople,
    logger,
  }: {
    readonly media: Pick<MediaServer, 'openIngress'>;
    readonly streamModulePath: string;
    /** GPUs that the processes are spread over; none: each takes what it finds. */
    readonly gpus: readonly GpuDevice[];
    readonly environment?: Readonly<Record<string, string>> | undefined;
    /** Taken by the first stream. @defaultValue a process is started for it */
    readonly ahead?: ProcessAhead | undefined;
    readonly onPeople?: ManagedStreamOptions['onPeople'];
    readonly logger: Logger;
  },
): { readonly registry: StreamRegistry; readonly pool: ProcessPool } {
  const gpu = processGpu(config, { seesOne: gpus.length > 0 });
  const pool = new ProcessPool({
    gpus,
    ahead,
    streamsPerProcess: config.streamsPerProcess,
    modulePath: streamModulePath,
    environment: {
      ...streamEnvironment(config),
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
