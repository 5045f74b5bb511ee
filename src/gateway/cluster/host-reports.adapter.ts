import type { ClusterConfig } from '../../shared/config/cluster-schema.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { ClusterView } from './cluster-view.js';
import {
  hostTransaction,
  needsTransaction,
  registerTransaction,
  type MeasuredNeed,
  type Transaction,
} from './transactions.js';
import { isBesideNews, needToWrite } from './unit-reports.js';

/** What a host takes, and what is measured of it. */
export interface MeasuredUnits {
  /** What the host takes. */
  readonly total: number;
  /** What a stream takes, as measured here; absent as long as that is not known. */
  readonly unitsOf: (streamId: string) => number | undefined;
  /** What the gateway takes beside its streams. */
  readonly beside: () => number;
}

/** What {@link HostReports} writes with. */
export interface HostReportsOptions {
  /** Checked. */
  readonly config: Pick<ClusterConfig, 'host' | 'url' | 'ttlS'>;
  /** Of this build. */
  readonly version: string;
  /** What is measured here. */
  readonly units: MeasuredUnits;
  /** The cluster as it is known here. */
  readonly view: ClusterView;
  /** Under which the host claims; absent while it has none. */
  readonly lease: () => string | undefined;
  /** Streams that run here, and the claim of each. */
  readonly running: () => readonly string[];
  /** Absent where it does not run. */
  readonly epochOf: (streamId: string) => number | undefined;
  /** Does a transaction. @returns whether its conditions held */
  readonly commit: (transaction: Transaction) => Promise<boolean>;
  /** Told where another host has the name. */
  readonly logger: Logger;
}

/** Before registering is tried again, ms. */
const REGISTER_AGAIN_MS = 500;
/** A name that is taken for longer than the lease of who had it before is another host's, times `ttlS`. */
const TAKEN_FACTOR = 3;
/** How often what was measured is looked at, ms. */
const LOOK_MS = 5000;
/** Streams whose units are written in one transaction, two conditions each: etcd takes 128. */
const MOST_AT_ONCE = 60;

/** Tells the cluster of this host: that it is there, what it takes, and what its streams take. */
export class HostReports {
  readonly #options: HostReportsOptions;
  readonly #timer: NodeJS.Timeout;
  /** By which claim streams run, since when, and when was written what they take; ms. */
  readonly #runs = new Map<string, { readonly epoch: number; readonly sinceMs: number; writtenMs: number }>();
  #saidMs = 0;
  #isOver = false;

  constructor(options: HostReportsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  /** Says that the host is there, again and again until it is known. */
  async register(lease: string, sinceMs = Date.now()): Promise<void> {
    const { config, view, commit, logger } = this.#options;
    if (this.#options.lease() !== lease || this.#isOver) return;
    this.#saidMs = performance.now();
    const isDone = await commit(registerTransaction(config.host, this.#hostValue(), lease)).catch(() => false);
    if (isDone || view.hosts.get(config.host)?.lease === lease) return;
    const isTaken = Date.now() - sinceMs > TAKEN_FACTOR * config.ttlS * 1000;
    if (isTaken) {
      logger.error(
        { host: config.host, other: view.hosts.get(config.host)?.url },
        'another host of the cluster has this name, so this one runs nothing; give it another cluster.host',
      );
    }
    setTimeout(() => void this.register(lease, isTaken ? Date.now() : sinceMs), REGISTER_AGAIN_MS).unref();
  }

  /** Idempotent. */
  close(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  #hostValue(): string {
    const { config, units, version } = this.#options;
    return JSON.stringify({
      ...{ url: config.url.replace(/\/$/, ''), units: units.total, beside: units.beside(), version },
    });
  }

  /** Writes what has changed; what fails is tried again later. */
  async #look(): Promise<void> {
    const { config, units, view } = this.#options;
    const needs = this.#needsToWrite(performance.now());
    for (let at = 0; at < needs.length; at += MOST_AT_ONCE) {
      const some = needs.slice(at, at + MOST_AT_ONCE);
      if (await this.#try(needsTransaction(some))) continue;
      for (const one of some) await this.#try(needsTransaction([one]));
    }
    const lease = this.#options.lease();
    const host = view.hosts.get(config.host);
    if (lease === undefined || host?.lease !== lease) return;
    const nowMs = performance.now();
    if (!isBesideNews(host.beside, units.beside(), nowMs - this.#saidMs)) return;
    this.#saidMs = nowMs;
    await this.#try(hostTransaction(config.host, this.#hostValue(), lease, host.revision));
  }

  #needsToWrite(nowMs: number): readonly MeasuredNeed[] {
    const { units, view, running, epochOf } = this.#options;
    const streams = new Set(running());
    for (const id of this.#runs.keys()) if (!streams.has(id)) this.#runs.delete(id);
    return [...streams].flatMap((streamId) => {
      const epoch = epochOf(streamId);
      const stream = view.streams.get(streamId);
      if (epoch === undefined || !stream) return [];
      let run = this.#runs.get(streamId);
      if (run?.epoch !== epoch) this.#runs.set(streamId, (run = { epoch, sinceMs: nowMs, writtenMs: -Infinity }));
      const need = needToWrite(view.needs.get(streamId), {
        ...{ epoch, estimate: stream.units, measured: units.unitsOf(streamId) },
        ...{ runsForMs: nowMs - run.sinceMs, writtenForMs: nowMs - run.writtenMs },
      });
      if (!need) return [];
      run.writtenMs = nowMs;
      return [{ streamId, need }];
    });
  }

  #try(transaction: Transaction): Promise<boolean> {
    return this.#options.commit(transaction).catch(() => false);
  }
}
