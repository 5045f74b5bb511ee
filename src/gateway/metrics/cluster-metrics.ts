import { Counter, Gauge, type Metric, type Registry } from 'prom-client';
import type { StreamStatus } from '../../shared/domain/stream-status.js';

/** What the metrics of a cluster are made from, as one host knows it. */
export interface ClusterSample {
  /** The host that is asked. */
  readonly host: string;
  /** Those that are there. */
  readonly hosts: readonly {
    /** Its name. */
    readonly id: string;
    /** What it takes, in units. */
    readonly units: number;
    /** Of them, taken. */
    readonly used: number;
    /** Of those, reserved for streams that are not measured yet. */
    readonly reserved: number;
    /** Whether it gives away what it runs. */
    readonly isDraining: boolean;
  }[];
  /** Every stream that is wanted; without `host` where none runs it. */
  readonly streams: readonly { readonly host?: string }[];
  /** Of the host that is asked. */
  readonly lease: LeaseSample;
  /** Of streams of other hosts that it sends to viewers of its own. */
  readonly pulls: readonly {
    /** Name of the stream. */
    readonly stream: string;
    /** Viewers that it sends the stream to. */
    readonly viewers: number;
  }[];
  /** By which other hosts pull streams of this one. */
  readonly pipes: number;
}

/** How the lease of a host is. */
export interface LeaseSample {
  /** Whether targets and recordings may run. */
  readonly isPublishing: boolean;
  /** Since the last renewal that counts was sent, s; absent before the first. */
  readonly ageS?: number;
  /** How long that one took until it was certain, s; absent before the first. */
  readonly renewalS?: number;
  /** How often a lease of this host was lost. */
  readonly lost: number;
}

/** Metrics of the cluster, each with the host that tells them; a gateway that is alone has none. */
export class ClusterMetrics {
  readonly #registry: Registry;
  readonly #metrics: Pick<Metric, 'reset'>[] = [];

  readonly #hosts: Gauge;
  readonly #units: Gauge;
  readonly #used: Gauge;
  readonly #reserved: Gauge;
  readonly #draining: Gauge;
  readonly #streams: Gauge;
  readonly #claims: Gauge;
  readonly #pending: Gauge;
  readonly #publishing: Gauge;
  readonly #age: Gauge;
  readonly #renewal: Gauge;
  readonly #lost: Counter;
  readonly #fenced: Gauge;
  readonly #edgeViewers: Gauge;
  readonly #pipes: Gauge;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#hosts = this.#gauge('hosts', 'hosts of the cluster that are there, as this host knows');
    this.#units = this.#gauge('units', 'what a host of the cluster takes, in streams of 1080p30', 'member');
    this.#used = this.#gauge('used_units', 'of the units of a host of the cluster, those that are taken', 'member');
    this.#reserved = this.#gauge('reserved_units', 'of the taken units, those of streams not measured yet', 'member');
    this.#draining = this.#gauge('draining', '1 while a host of the cluster gives away what it runs', 'member');
    this.#streams = this.#gauge('streams', 'streams of the cluster');
    this.#claims = this.#gauge('claims', 'streams that this host has claimed');
    this.#pending = this.#gauge('pending_streams', 'streams that no host runs');
    this.#publishing = this.#gauge('publishing', '1 while etcd renews the lease of this host in time: it may publish');
    this.#age = this.#gauge('lease_age_seconds', 'time since the last renewal of the lease that counts was sent');
    this.#renewal = this.#gauge('lease_renewal_seconds', 'time that the last renewal took until it was certain');
    this.#fenced = this.#gauge('fenced_outputs', 'targets and recordings of this host that wait because of its lease');
    this.#edgeViewers = this.#gauge(
      'edge_viewers',
      'browsers and players that this host sends a stream of another host to',
      'stream',
    );
    this.#pipes = this.#gauge('pipes', 'pipes by which other hosts pull streams of this one for viewers of theirs');
    this.#lost = new Counter({
      ...{ name: 'diptych_cluster_leases_lost_total', help: 'times this host lost its lease', labelNames: ['host'] },
      registers: [registry],
    });
    this.#metrics.push(this.#lost);
  }

  /** Forgets what was told before. */
  reset(): void {
    for (const metric of this.#metrics) metric.reset();
  }

  /** Takes in how the cluster is. @param fencedOutputs - targets and recordings that wait because of the lease */
  add({ host, hosts, streams, lease, pulls, pipes }: ClusterSample, fencedOutputs: number): void {
    this.#hosts.set({ host }, hosts.length);
    for (const { id: member, units, used, reserved, isDraining } of hosts) {
      this.#units.set({ host, member }, units);
      this.#used.set({ host, member }, used);
      this.#reserved.set({ host, member }, reserved);
      this.#draining.set({ host, member }, Number(isDraining));
    }
    this.#streams.set({ host }, streams.length);
    this.#claims.set({ host }, streams.filter((stream) => stream.host === host).length);
    this.#pending.set({ host }, streams.filter((stream) => stream.host === undefined).length);
    this.#publishing.set({ host }, Number(lease.isPublishing));
    if (lease.ageS !== undefined) this.#age.set({ host }, lease.ageS);
    if (lease.renewalS !== undefined) this.#renewal.set({ host }, lease.renewalS);
    this.#lost.inc({ host }, lease.lost);
    this.#fenced.set({ host }, fencedOutputs);
    this.#pipes.set({ host }, pipes);
    for (const { stream, viewers } of pulls) this.#edgeViewers.inc({ host, stream }, viewers);
  }

  #gauge(name: string, help: string, ...more: string[]): Gauge {
    const labelNames = ['host', ...more];
    const gauge = new Gauge({ name: `diptych_cluster_${name}`, help, labelNames, registers: [this.#registry] });
    this.#metrics.push(gauge);
    return gauge;
  }
}

/** Targets and recordings that wait because of the lease of the host. */
export const fencedOutputs = (
  streams: readonly { readonly status: Pick<StreamStatus, 'targets' | 'recording'> }[],
): number =>
  streams
    .flatMap(({ status }) => [...status.targets, status.recording])
    .filter(({ error }) => error?.code === 'DIPTYCH_E_FENCED').length;
