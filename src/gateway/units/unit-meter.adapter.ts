import { estimatedUnits } from '../../shared/capacity/estimated-units.js';
import type { MachineShares } from '../../shared/capacity/machine-shares.js';
import { isShowing } from '../../shared/domain/stream-status.js';
import type { GpuReading } from '../../shared/gpu/gpu-reading.js';
import { GpuWatch } from '../../shared/gpu/gpu-watch.adapter.js';
import { readProcessUse } from '../../shared/proc/process-use.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { MachineRoom } from '../access/stream-admission.adapter.js';
import { safeListener } from '../guard/safe-listener.js';
import type { UnitSample } from '../metrics/unit-metrics.js';
import type { GpuDevice } from '../streams/gpu-choice.js';
import type { MediaServer } from '../signaling/media-server.adapter.js';
import type { ProcessPool } from '../streams/process-pool.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { StreamUnits, type Machine, type SampledProcess, type SampledStream } from './stream-units.js';

/** What a {@link UnitMeter} reads. */
export interface UnitMeterOptions {
  /** What the machine has. */
  readonly machine: Machine;
  /** Every stream there is. */
  readonly registry: Pick<StreamRegistry, 'list'>;
  /** Its process belongs to the gateway. */
  readonly media: Pick<MediaServer, 'pid'>;
  /** So does the one that waits for a stream. */
  readonly pool: Pick<ProcessPool, 'spare'>;
  /** GPUs that the streams work on. */
  readonly gpus: readonly GpuDevice[];
  /** Told what cannot be read. */
  readonly logger: Logger;
}

/** How often processes are looked at, ms. */
const INTERVAL_MS = 5000;
/** How often GPUs are read, ms. */
const GPU_INTERVAL_MS = 15_000;

/** What streams take of this machine, in units, measured again and again. */
export class UnitMeter {
  readonly #options: UnitMeterOptions;
  readonly #units: StreamUnits;
  readonly #timer: NodeJS.Timeout;
  readonly #gpus: GpuWatch | undefined;
  #isReading = false;

  constructor(options: UnitMeterOptions) {
    this.#options = options;
    this.#units = new StreamUnits(options.machine);
    const devices = options.gpus.map(({ uuid }) => uuid);
    this.#gpus = devices.length > 0 ? new GpuWatch({ devices, everyMs: GPU_INTERVAL_MS }) : undefined;
    const read = safeListener(options.logger, 'the measurement of streams', () => void this.#read());
    this.#timer = setInterval(read, INTERVAL_MS);
    this.#timer.unref();
  }

  /** What the machine holds, and what of it is taken. */
  get room(): MachineRoom {
    const { units, origin } = this.#options.machine.capacity;
    return { units, origin, used: () => this.used };
  }

  /** What a stream takes, as measured; absent as long as that is not known. */
  unitsOf(streamId: string): number | undefined {
    return this.#units.unitsOf(streamId);
  }

  /** What the gateway takes beside its streams. */
  get beside(): number {
    return this.#units.beside;
  }

  /** All that the gateway takes: measured, and estimated where a stream is not measured yet. */
  get used(): number {
    const streams = this.#options.registry
      .list()
      .map((stream) => this.unitsOf(stream.id) ?? estimatedUnits(stream.config));
    return streams.reduce((sum, units) => sum + units, this.beside);
  }

  /** For metrics. */
  sample(): UnitSample {
    const streams = this.#options.registry.list().map(({ id }) => ({ id, units: this.unitsOf(id) }));
    return { capacity: this.#options.machine.capacity.units, beside: this.beside, streams };
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.#gpus?.close();
  }

  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      const { registry, media, pool, logger } = this.#options;
      const gpu = gpuShares(this.#gpus?.latest ?? []);
      const byPid = new Map<number, SampledStream[]>();
      for (const pid of [process.pid, media.pid, pool.spare?.pid]) if (pid !== undefined) byPid.set(pid, []);
      for (const stream of registry.list()) {
        if (stream.pid === undefined) continue;
        const { id, config, status } = stream;
        const { state } = status;
        const is = { isShowing: isShowing(state), isOverloaded: state === 'overloaded' };
        const sampled = { id, estimate: estimatedUnits(config), ...is };
        const of = byPid.get(stream.pid) ?? [];
        byPid.set(stream.pid, [...of, { ...sampled, isOnGpu: status.gpu?.state === 'used' }]);
      }
      const processes = await Promise.all([...byPid].map(([pid, shared]) => sampleOf(pid, shared)));
      const there = processes.filter((each) => each !== undefined);
      this.#units.add({ nowMs: performance.now(), processes: there, gpu });
      logger.trace({ processes: there, gpu }, 'streams were measured');
    } finally {
      this.#isReading = false;
    }
  }
}

async function sampleOf(pid: number, streams: readonly SampledStream[]): Promise<SampledProcess | undefined> {
  const use = await readProcessUse(pid);
  return use && { pid, ...use, streams };
}

/** The mean over the GPUs that streams are spread over. */
function gpuShares(readings: readonly GpuReading[]): Partial<MachineShares> | undefined {
  if (readings.length === 0) return undefined;
  const mean = (shares: readonly number[]): number => shares.reduce((sum, share) => sum + share, 0) / readings.length;
  const decoders = readings.flatMap(({ decoderPercent }) => decoderPercent ?? []);
  return {
    gpu: mean(readings.map(({ gpuPercent }) => gpuPercent / 100)),
    memory: mean(readings.map(({ memoryMib, memoryTotalMib }) => memoryMib / (memoryTotalMib ?? Infinity))),
    ...(decoders.length > 0 && { decoder: mean(decoders.map((percent) => percent / 100)) }),
  };
}
