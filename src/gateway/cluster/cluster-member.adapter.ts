import type { ClusterConfig } from '../../shared/config/cluster-schema.js';
import type { LeaseSample } from '../metrics/cluster-metrics.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { watchCluster } from './cluster-watch.adapter.js';
import type { Claim, ClusterView, WantedRecord } from './cluster-view.js';
import { EtcdClient } from './etcd-client.adapter.js';
import { FenceFile } from './fence-file.adapter.js';
import { ClaimMoves, type MoveAction, type MovingStreams } from './claim-moves.adapter.js';
import { HostAgent } from './host-agent.js';
import { HostLease } from './host-lease.adapter.js';
import { HostReports, type MeasuredUnits } from './host-reports.adapter.js';
import type { AgentAction } from './host-runs.js';
import { claimTransaction, drainTransaction, releaseTransaction, type Transaction } from './transactions.js';
import { WatchedCluster } from './watched-cluster.js';

/** What a host does with streams. */
export interface StreamRunner extends Omit<MovingStreams, 'prepare'> {
  /** As {@link MovingStreams.prepare}. */
  readonly prepare: (stream: WantedRecord) => Promise<void>;
  /** Runs a stream, which may have run beside. Must not throw. */
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
  /** What the host takes, and what its streams take of it. */
  readonly units: MeasuredUnits;
  /** Told what the host claims, gives back and loses. */
  readonly logger: Logger;
}

/** How soon what has changed is acted on, ms: changes come in groups. */
const STEP_DELAY_MS = 5;
/** How often waiting streams are looked at, ms: the smallest wait between hosts is a few of these. */
const STEP_INTERVAL_MS = 50;

/** This gateway as a host of a cluster: claims streams in etcd, runs them, and gives back what it lost. */
export class ClusterMember {
  readonly #options: ClusterMemberOptions;
  readonly #client: EtcdClient;
  readonly #fence = FenceFile.create();
  readonly #cluster = new WatchedCluster();
  readonly #agent: HostAgent;
  readonly #moves: ClaimMoves;
  readonly #lease: HostLease;
  readonly #reports: HostReports;
  readonly #stop = new AbortController();
  /** Revision of the configuration that each stream runs with. */
  readonly #revisions = new Map<string, number>();
  #runner: StreamRunner | undefined;
  #isKnown = false;
  #isRetired = false;
  #stepTimer: NodeJS.Timeout | undefined;
  #interval: NodeJS.Timeout | undefined;

  /** Opens nothing yet. @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where a certificate cannot be read */
  constructor(options: ClusterMemberOptions) {
    this.#options = options;
    this.#client = new EtcdClient(options.config.etcd);
    const { config, logger } = options;
    const agent = new HostAgent({ hostId: config.host });
    this.#agent = agent;
    this.#lease = new HostLease({
      ...{ config, logger, fencePath: this.#fence.path },
      onLease: (lease) => {
        agent.setLease(lease);
        void this.#reports.register(lease);
      },
      onLost: () => {
        agent.setLease(undefined);
        this.#step();
      },
    });
    const { version, units } = options;
    this.#reports = new HostReports({
      ...{ config, version, units, view: this.#cluster, logger, lease: () => this.lease },
      ...{ running: () => agent.running, epochOf: (id) => agent.epochOf(id) },
      commit: (transaction) => this.commit(transaction),
    });
    this.#moves = new ClaimMoves({
      ...{ agent, logger, commit: (transaction) => this.commit(transaction) },
      ...{ lease: () => this.lease, stepSoon: () => this.#stepSoon() },
    });
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
    return this.#lease.id;
  }

  /** How its lease is, for metrics. */
  get leaseSample(): LeaseSample {
    return this.#lease.sample;
  }

  /** Whether targets and recordings may run: the lease was renewed in time. */
  get isPublishing(): boolean {
    return this.#lease.isPublishing;
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
    this.#lease.start();
    const onChange = (): void => {
      this.#isKnown = true;
      this.#stepSoon();
    };
    const { logger } = this.#options;
    void watchCluster({ client: this.#client, cluster: this.#cluster, onChange, logger }, this.#stop.signal);
    this.#interval = setInterval(() => this.#step(), STEP_INTERVAL_MS);
  }

  /** Streams that run by a claim of this host. */
  get running(): readonly string[] {
    return this.#agent.running;
  }

  /** Whether this host is to give away what it runs. */
  get isDraining(): boolean {
    return this.#cluster.draining.has(this.hostId);
  }

  /** Gives away what it runs, until its lease ends. @throws {@link DiptychError} `DIPTYCH_E_CLUSTER` */
  async drain(): Promise<void> {
    if (this.lease !== undefined) await this.commit(drainTransaction(this.hostId, true, this.lease));
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
    this.#reports.close();
    clearInterval(this.#interval);
    clearTimeout(this.#stepTimer);
    await this.#lease.end();
    this.#client.close();
    this.#fence.remove();
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
    this.#lease.setMayTake(this.#isKnown && this.#agent.mayTakeLease);
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
      default:
        this.#move(action);
    }
  }

  #move(action: MoveAction): void {
    const runner = this.#runner;
    if (!runner) return;
    const prepare = async (streamId: string): Promise<void> => {
      const wanted = this.#cluster.streams.get(streamId);
      if (wanted) this.#revisions.set(streamId, wanted.revision);
      if (wanted) await runner.prepare(wanted);
    };
    this.#moves.act(action, { ...runner, prepare });
  }

  async #claim(streamId: string): Promise<void> {
    const { lease } = this;
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
