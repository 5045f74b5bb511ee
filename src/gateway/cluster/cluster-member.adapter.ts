import { Worker } from 'node:worker_threads';
import type { ClusterConfig } from '../../shared/config/cluster-schema.js';
import { builtPath } from '../../shared/package-root.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { watchCluster } from './cluster-watch.adapter.js';
import type { Claim, ClusterView, WantedRecord } from './cluster-view.js';
import { EtcdClient } from './etcd-client.adapter.js';
import { FenceFile } from './fence-file.adapter.js';
import { HostAgent, type AgentAction } from './host-agent.js';
import type { LeaseCommand, LeaseReport, LeaseWorkerData } from './lease-messages.js';
import { claimTransaction, registerTransaction, releaseTransaction, type Transaction } from './transactions.js';
import { WatchedCluster } from './watched-cluster.js';

/** What a host does with streams. */
export interface StreamRunner {
  /** Runs a stream. Must not throw. */
  readonly run: (stream: WantedRecord, claim: Claim) => void;
  /** A stream that runs is wanted otherwise. Must not throw. */
  readonly change: (stream: WantedRecord) => void;
  /** Ends a stream; resolves once nothing of it runs. Must not reject. */
  readonly end: (streamId: string) => Promise<void>;
}

/** What a member is made with. */
export interface ClusterMemberOptions {
  /** Checked. */
  readonly config: ClusterConfig;
  /** Of this build. */
  readonly version: string;
  /** Told what the host claims, gives back and loses. */
  readonly logger: Logger;
}

/** How soon what has changed is acted on, ms: changes come in groups. */
const STEP_DELAY_MS = 5;
/** How often waiting streams are looked at, ms: the smallest wait between hosts is a few of these. */
const STEP_INTERVAL_MS = 50;
/** Before registering is tried again, ms. */
const REGISTER_AGAIN_MS = 500;
/** A name that is taken for longer than the lease of who had it before is another host's, times `ttlS`. */
const TAKEN_FACTOR = 3;
const END_LIMIT_MS = 1500;

/** This gateway as a host of a cluster: claims streams in etcd, runs them, and gives back what it lost. */
export class ClusterMember {
  readonly #options: ClusterMemberOptions;
  readonly #client: EtcdClient;
  readonly #fence = FenceFile.create();
  readonly #cluster = new WatchedCluster();
  readonly #agent: HostAgent;
  readonly #stop = new AbortController();
  /** Revision of the configuration that each stream runs with. */
  readonly #revisions = new Map<string, number>();
  #runner: StreamRunner | undefined;
  #worker: Worker | undefined;
  #lease: string | undefined;
  #isKnown = false;
  #isPublishing = false;
  #isRetired = false;
  #mayTake = false;
  #stepTimer: NodeJS.Timeout | undefined;
  #interval: NodeJS.Timeout | undefined;

  /** Opens nothing yet. @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where a certificate cannot be read */
  constructor(options: ClusterMemberOptions) {
    this.#options = options;
    this.#client = new EtcdClient(options.config.etcd);
    this.#agent = new HostAgent({ hostId: options.config.host });
  }

  /** For stream processes: until when they may publish. */
  get fencePath(): string {
    return this.#fence.path;
  }

  /** The cluster as it is known here. */
  get view(): ClusterView {
    return this.#cluster;
  }

  /** Name of this host. */
  get hostId(): string {
    return this.#options.config.host;
  }

  /** Under which it claims; absent while it has none. */
  get lease(): string | undefined {
    return this.#lease;
  }

  /** Whether targets and recordings may run: the lease was renewed in time. */
  get isPublishing(): boolean {
    return this.#isPublishing;
  }

  /** The claim by which a stream runs here; absent where it does not. */
  epochOf(streamId: string): number | undefined {
    return this.#agent.epochOf(streamId);
  }

  /** Does a transaction. @returns whether its conditions held @throws {@link DiptychError} `DIPTYCH_E_CLUSTER` */
  commit(transaction: Transaction): Promise<boolean> {
    return this.#client.commit(transaction);
  }

  /** Text of a key; absent where there is none. @throws {@link DiptychError} `DIPTYCH_E_CLUSTER` */
  async read(key: string): Promise<string | undefined> {
    return (await this.#client.read(key)).value?.value;
  }

  /** Begins to claim. */
  start(runner: StreamRunner): void {
    this.#runner = runner;
    this.#startWorker();
    const onChange = (): void => {
      this.#isKnown = true;
      this.#stepSoon();
    };
    const { logger } = this.#options;
    void watchCluster({ client: this.#client, cluster: this.#cluster, onChange, logger }, this.#stop.signal);
    this.#interval = setInterval(() => this.#step(), STEP_INTERVAL_MS);
  }

  /** Claims nothing more; what runs goes on. */
  retire(): void {
    clearInterval(this.#interval);
    this.#isRetired = true;
  }

  /**
   * Gives everything back; to be called once no stream runs any more, so that others may begin at once. Idempotent.
   */
  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    clearInterval(this.#interval);
    clearTimeout(this.#stepTimer);
    const worker = this.#worker;
    if (worker) {
      const ended = new Promise<void>((resolve) => {
        worker.on('message', ({ type }: LeaseReport) => type === 'ended' && resolve());
        worker.once('exit', () => resolve());
        setTimeout(resolve, END_LIMIT_MS).unref();
      });
      this.#send({ type: 'end' });
      await ended;
      await worker.terminate();
    }
    this.#client.close();
    this.#fence.remove();
  }

  #send(command: LeaseCommand): void {
    this.#worker?.postMessage(command);
  }

  #startWorker(): void {
    const { config, logger } = this.#options;
    const { etcd, host, ttlS, whenAlone } = config;
    const workerData: LeaseWorkerData = { cluster: { etcd, host, ttlS, whenAlone }, fencePath: this.#fence.path };
    const worker = new Worker(builtPath('gateway/cluster/lease-worker.adapter.js'), { workerData });
    this.#worker = worker;
    this.#mayTake = false;
    worker.on('message', (report: LeaseReport) => this.#onReport(report));
    worker.on('error', (error) => logger.error({ err: error }, 'the thread that renews the lease failed'));
    worker.once('exit', () => {
      if (this.#stop.signal.aborted) return;
      // What it had claimed runs out by itself.
      this.#onLost();
      setTimeout(() => !this.#stop.signal.aborted && this.#startWorker(), 1000).unref();
    });
  }

  #onReport(report: LeaseReport): void {
    const { logger, config } = this.#options;
    if (report.type === 'lease') {
      this.#lease = report.lease;
      // As the thread has it: a lease that is lost again before the next step has to be allowed anew.
      this.#mayTake = false;
      this.#agent.setLease(report.lease);
      logger.info({ host: config.host, lease: report.lease }, 'this host has a lease of the cluster');
      void this.#register(report.lease, Date.now());
    } else if (report.type === 'lost') {
      logger.warn({ host: config.host }, 'the lease of this host has ended; its streams end, and others take them');
      this.#onLost();
    } else if (report.type === 'fence') {
      this.#isPublishing = report.isOpen;
      if (report.isOpen) logger.info('targets and recordings may run: the lease is renewed');
      else logger.warn({ reason: report.reason, whenAlone: config.whenAlone }, 'the lease was not renewed in time');
    }
  }

  #onLost(): void {
    this.#lease = undefined;
    this.#isPublishing = false;
    this.#agent.setLease(undefined);
    this.#step();
  }

  async #register(lease: string, sinceMs: number): Promise<void> {
    const { config, version, logger } = this.#options;
    const value = JSON.stringify({ url: config.url.replace(/\/$/, ''), units: config.units, version });
    if (this.#lease !== lease || this.#stop.signal.aborted) return;
    const isDone = await this.#client.commit(registerTransaction(config.host, value, lease)).catch(() => false);
    if (isDone || this.#cluster.hosts.get(config.host)?.lease === lease) return;
    const isTaken = Date.now() - sinceMs > TAKEN_FACTOR * config.ttlS * 1000;
    if (isTaken) {
      logger.error(
        { host: config.host, other: this.#cluster.hosts.get(config.host)?.url },
        'another host of the cluster has this name, so this one runs nothing; give it another cluster.host',
      );
    }
    setTimeout(() => void this.#register(lease, isTaken ? Date.now() : sinceMs), REGISTER_AGAIN_MS).unref();
  }

  #stepSoon(): void {
    this.#stepTimer ??= setTimeout(() => {
      this.#stepTimer = undefined;
      this.#step();
    }, STEP_DELAY_MS);
  }

  #step(): void {
    if (this.#stop.signal.aborted || this.#isRetired) return;
    if (this.#isKnown) {
      for (const action of this.#agent.step(this.#cluster, performance.now())) this.#act(action);
      this.#followChanges();
    }
    const mayTake = this.#isKnown && this.#agent.mayTakeLease;
    if (mayTake !== this.#mayTake) this.#send({ type: 'mayTake', mayTake });
    this.#mayTake = mayTake;
  }

  #followChanges(): void {
    for (const [streamId, revision] of this.#revisions) {
      const stream = this.#cluster.streams.get(streamId);
      if (!stream || stream.revision === revision) continue;
      this.#revisions.set(streamId, stream.revision);
      this.#runner?.change(stream);
    }
  }

  #act(action: AgentAction): void {
    const { logger } = this.#options;
    switch (action.type) {
      case 'claim':
        void this.#claim(action.streamId);
        break;
      case 'run': {
        const { streamId: stream, epoch } = action.claim;
        const wanted = this.#cluster.streams.get(stream);
        if (!wanted) break;
        logger.info({ stream, epoch }, 'this host has claimed a stream');
        this.#revisions.set(stream, wanted.revision);
        this.#runner?.run(wanted, action.claim);
        break;
      }
      case 'end':
        void this.#end(action.streamId);
        break;
      case 'release':
        void this.#release(action.claim);
        break;
    }
  }

  async #claim(streamId: string): Promise<void> {
    const lease = this.#lease;
    const isMade =
      lease !== undefined &&
      (await this.#client.commit(claimTransaction(streamId, this.hostId, lease)).catch((error: unknown) => {
        this.#options.logger.debug({ stream: streamId, err: error }, 'a claim failed');
        return false;
      }));
    this.#agent.claimSettled(streamId, isMade, performance.now());
    this.#stepSoon();
  }

  async #end(streamId: string): Promise<void> {
    this.#revisions.delete(streamId);
    await this.#runner?.end(streamId);
    this.#agent.ended(streamId);
    this.#stepSoon();
  }

  async #release({ streamId, epoch }: Claim): Promise<void> {
    const { logger } = this.#options;
    const isDone = await this.#client.commit(releaseTransaction(streamId, epoch)).catch(() => false);
    if (isDone) logger.info({ stream: streamId, epoch }, 'this host has given a stream back');
    this.#agent.releaseSettled(streamId);
    this.#stepSoon();
  }
}
