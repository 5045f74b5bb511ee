import { Worker } from 'node:worker_threads';
import type { ClusterConfig } from '../../shared/config/cluster-schema.js';
import { builtPath } from '../../shared/package-root.js';
import type { LeaseSample } from '../metrics/cluster-metrics.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { LeaseCommand, LeaseReport, LeaseWorkerData } from './lease-messages.js';

/** What a {@link HostLease} is made with. */
export interface HostLeaseOptions {
  /** Checked. */
  readonly config: ClusterConfig;
  /** File that the deadline is written to. */
  readonly fencePath: string;
  /** A lease has begun. */
  readonly onLease: (lease: string) => void;
  /** There is none any more. */
  readonly onLost: () => void;
  /** Told of both, and of the fence. */
  readonly logger: Logger;
}

const END_LIMIT_MS = 1500;
/** Before the thread is started again that has failed, ms. */
const START_AGAIN_MS = 1000;

/** The lease of this host, and the thread that renews it. */
export class HostLease {
  readonly #options: HostLeaseOptions;
  #worker: Worker | undefined;
  #lease: string | undefined;
  #isPublishing = false;
  #mayTake = false;
  #isEnded = false;
  #renewal: { readonly sentAtMs: number; readonly certainAtMs: number } | undefined;
  #lost = 0;

  constructor(options: HostLeaseOptions) {
    this.#options = options;
  }

  /** Under which this host claims; absent while it has none. */
  get id(): string | undefined {
    return this.#lease;
  }

  /** Whether targets and recordings may run: it was renewed in time. */
  get isPublishing(): boolean {
    return this.#isPublishing;
  }

  /** For metrics. */
  get sample(): LeaseSample {
    const { sentAtMs, certainAtMs } = this.#renewal ?? {};
    return {
      ...{ isPublishing: this.#isPublishing, lost: this.#lost },
      ...(sentAtMs !== undefined && { ageS: (Number(process.hrtime.bigint()) / 1e6 - sentAtMs) / 1000 }),
      ...(certainAtMs !== undefined && sentAtMs !== undefined && { renewalS: (certainAtMs - sentAtMs) / 1000 }),
    };
  }

  /** Starts the thread; a lease begins once it may. */
  start(): void {
    const { config, fencePath, logger } = this.#options;
    const { etcd, host, ttlS, whenAlone } = config;
    const workerData: LeaseWorkerData = { cluster: { etcd, host, ttlS, whenAlone }, fencePath };
    const worker = new Worker(builtPath('gateway/cluster/lease-worker.adapter.js'), { workerData });
    this.#worker = worker;
    this.#mayTake = false;
    worker.on('message', (report: LeaseReport) => this.#onReport(report));
    worker.on('error', (error) => logger.error({ err: error }, 'the thread that renews the lease failed'));
    worker.once('exit', () => {
      if (this.#isEnded) return;
      // What it had claimed runs out by itself.
      this.#lose();
      setTimeout(() => !this.#isEnded && this.start(), START_AGAIN_MS).unref();
    });
  }

  /** Whether a lease may begin: nothing runs any more that another one held. */
  setMayTake(mayTake: boolean): void {
    if (mayTake !== this.#mayTake) this.#send({ type: 'mayTake', mayTake });
    this.#mayTake = mayTake;
  }

  /** Ends the lease, so that others may begin at once. Idempotent. */
  async end(): Promise<void> {
    const worker = this.#worker;
    if (this.#isEnded || !worker) return;
    this.#isEnded = true;
    const ended = new Promise<void>((resolve) => {
      worker.on('message', ({ type }: LeaseReport) => type === 'ended' && resolve());
      worker.once('exit', () => resolve());
      setTimeout(resolve, END_LIMIT_MS).unref();
    });
    this.#send({ type: 'end' });
    await ended;
    await worker.terminate();
  }

  #send(command: LeaseCommand): void {
    this.#worker?.postMessage(command);
  }

  #onReport(report: LeaseReport): void {
    const { logger, config } = this.#options;
    if (report.type === 'lease') {
      this.#lease = report.lease;
      // As the thread has it: a lease that is lost again before the next step has to be allowed anew.
      this.#mayTake = false;
      logger.info({ host: config.host, lease: report.lease }, 'this host has a lease of the cluster');
      this.#options.onLease(report.lease);
    } else if (report.type === 'lost') {
      logger.warn({ host: config.host }, 'the lease of this host has ended; its streams end, and others take them');
      this.#lose();
    } else if (report.type === 'renewed') {
      this.#renewal = report;
    } else if (report.type === 'fence') {
      this.#isPublishing = report.isOpen;
      if (report.isOpen) logger.info('targets and recordings may run: the lease is renewed');
      else logger.warn({ reason: report.reason, whenAlone: config.whenAlone }, 'the lease was not renewed in time');
    }
  }

  #lose(): void {
    if (this.#lease !== undefined) this.#lost++;
    this.#lease = undefined;
    this.#isPublishing = false;
    this.#options.onLost();
  }
}
