import type { ChildProcess } from 'node:child_process';
import type { GatewayConfig } from '../../shared/config/schema.js';
import type { Preparation, ProcessCommand } from '../../shared/ipc/messages.js';
import { builtPath } from '../../shared/package-root.js';
import { findProgram } from '../../shared/programs/find-program.adapter.js';
import { forkStreamProcess } from './child-process.adapter.js';
import { emptiestGpu, gpuEnvironment, type GpuDevice } from './gpu-choice.js';
import { gpuDevices } from './gpu-devices.adapter.js';
import { streamEnvironment } from './process-environment.js';
import { processGpu } from './process-gpu.js';
import { preparationFor } from './spare-preparation.js';

/** One that no stream has taken by then ends, ms: streams of the configuration may have been ended by the API since. */
const WAIT_MS = 30_000;

/**
 * A stream process that is started while the gateway is still being loaded, so that both load at once. The first stream that needs a process takes it.
 */
export class ProcessAhead {
  #child: ChildProcess | undefined;
  readonly #timer: NodeJS.Timeout;

  /**
   * Starts it.
   *
   * @param modulePath - script of the stream process
   * @param preparation - what it opens at once; absent where it is not known yet which GPU it will see
   */
  constructor(modulePath: string, environment: Readonly<Record<string, string>>, preparation?: Preparation) {
    const child = forkStreamProcess(modulePath, environment);
    this.#child = child;
    if (preparation) this.prepare(preparation);
    // One that could not be started, or has ended, is not taken: the stream starts another one and tells why that fails.
    child.once('error', () => this.#forget(child));
    child.once('exit', () => this.#forget(child));
    this.#timer = setTimeout(() => this.close(), WAIT_MS);
    this.#timer.unref();
  }

  /** Of the process; absent where there is none to take. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Has it open this at once, on a GPU where one is given; does nothing once somebody has taken it. */
  prepare(preparation: Preparation, gpu?: GpuDevice): void {
    if (gpu) this.#send({ type: 'environment', variables: gpuEnvironment(gpu) });
    this.#send({ type: 'prepare', preparation });
  }

  /** The process, once; undefined where there is none any more. */
  take(): ChildProcess | undefined {
    const child = this.#child;
    if (child) this.#forget(child);
    return child?.connected === true ? child : undefined;
  }

  /** Ends it where nobody has taken it. Idempotent. */
  close(): void {
    // It ends once nobody listens to it any more.
    this.take()?.disconnect();
  }

  #send(command: ProcessCommand): void {
    // One that cannot be told has ended, and is not taken.
    this.#child?.send(command, () => undefined);
  }

  #forget(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    clearTimeout(this.#timer);
  }
}

/** Starts the process that the first stream of a gateway with this configuration runs in, where there will be one. */
export function startProcessAhead(config: GatewayConfig): ProcessAhead | undefined {
  // Which streams a host of a cluster runs, and with what in its environment, is not known yet.
  if (config.streams.length === 0 || config.cluster) return undefined;
  const willSeeGpu = config.gpu.use !== 'off' && findProgram('nvidia-smi') !== undefined;
  const preparationOn = (gpus: readonly GpuDevice[]): Preparation | undefined =>
    preparationFor(config.streams.slice(0, 1), processGpu(config, { seesOne: gpus.length > 0 }));
  const ahead = new ProcessAhead(
    builtPath('stream/main.js'),
    streamEnvironment(config),
    willSeeGpu ? undefined : preparationOn([]),
  );
  if (willSeeGpu) {
    void gpuDevices(config.gpu, QUIET).then(
      (gpus) => {
        const preparation = preparationOn(gpus);
        // The one that the gateway gives to its first stream.
        if (preparation) ahead.prepare(preparation, emptiestGpu(gpus, []));
      },
      // The gateway asks for the same and tells.
      () => undefined,
    );
  }
  return ahead;
}

const QUIET = { debug: () => undefined, info: () => undefined };
