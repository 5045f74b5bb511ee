import type { Claim, ClusterView, HostRecord, LiveHost, Move, Need, WantedRecord } from './cluster-view.js';
import { FOLDERS } from './transactions.js';

/** A key as etcd has it. */
export interface WatchedKey {
  /** Below the prefix of the cluster. */
  readonly key: string;
  /** Its text. */
  readonly value: string;
  /** Revision at which it was made. */
  readonly created: number;
  /** Revision at which it was changed last. */
  readonly revision: number;
  /** The lease that it is under, in decimal; absent without one. */
  readonly lease?: string;
}

/** The cluster as one host knows it, kept up to date by the changes that etcd tells, in their order. */
export class WatchedCluster implements ClusterView {
  /** As {@link ClusterView.hosts}. */
  readonly hosts = new Map<string, LiveHost>();
  /** As {@link ClusterView.claims}. */
  readonly claims = new Map<string, Claim>();
  /** As {@link ClusterView.streams}. */
  readonly streams = new Map<string, WantedRecord>();
  /** As {@link ClusterView.needs}. */
  readonly needs = new Map<string, Need>();
  /** As {@link ClusterView.draining}. */
  readonly draining = new Set<string>();
  /** As {@link ClusterView.moves}. */
  readonly moves = new Map<string, Move>();

  /** Everything anew, such as after the connection was lost for long. */
  reset(keys: Iterable<WatchedKey>): void {
    const { hosts, claims, streams, needs, draining, moves } = this;
    for (const part of [hosts, claims, streams, needs, draining, moves]) part.clear();
    for (const key of keys) this.put(key);
  }

  /** A key is there, or has changed; one that cannot be understood counts as absent. */
  put({ key, value, revision, lease = '' }: WatchedKey): void {
    const [folder, name] = split(key);
    const fields = parse(value);
    if (folder === FOLDERS.draining) this.draining.add(name);
    if (folder === FOLDERS.moves && typeof fields['to'] === 'string') {
      const ready = positive(fields['ready']);
      this.moves.set(name, { to: fields['to'], revision, ...(ready !== undefined && { ready }) });
    }
    if (folder === FOLDERS.claims && typeof fields['host'] === 'string') {
      this.claims.set(name, { streamId: name, hostId: fields['host'], epoch: revision, lease });
    }
    if (folder === FOLDERS.hosts) {
      const host = hostRecord(name, fields);
      if (host) this.hosts.set(name, { ...host, lease, revision });
    }
    if (folder === FOLDERS.needs) {
      const need = needRecord(fields);
      if (need) this.needs.set(name, need);
    }
    if (folder === FOLDERS.streams) {
      const units = positive(fields['units']) ?? 1;
      const { sealed } = fields;
      this.streams.set(name, { id: name, units, revision, ...(typeof sealed === 'string' && { sealed }) });
    }
  }

  /** A key is gone. */
  delete(key: string): void {
    const [folder, name] = split(key);
    if (folder === FOLDERS.draining) this.draining.delete(name);
    if (folder === FOLDERS.moves) this.moves.delete(name);
    if (folder === FOLDERS.claims) this.claims.delete(name);
    if (folder === FOLDERS.hosts) this.hosts.delete(name);
    if (folder === FOLDERS.streams) this.streams.delete(name);
    if (folder === FOLDERS.needs) this.needs.delete(name);
  }
}

function split(key: string): readonly [string, string] {
  const at = key.indexOf('/') + 1;
  return [key.slice(0, at), key.slice(at)];
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function hostRecord(id: string, fields: Readonly<Record<string, unknown>>): HostRecord | undefined {
  const { url, version } = fields;
  const units = positive(fields['units']);
  if (typeof url !== 'string' || units === undefined) return undefined;
  return {
    id,
    url,
    units,
    beside: positive(fields['beside']) ?? 0,
    version: typeof version === 'string' ? version : '',
  };
}

function needRecord(fields: Readonly<Record<string, unknown>>): Need | undefined {
  const [units, estimate, epoch] = ['units', 'estimate', 'epoch'].map((name) => positive(fields[name]));
  return units === undefined || estimate === undefined || epoch === undefined ? undefined : { units, estimate, epoch };
}

const positive = (value: unknown): number | undefined =>
  typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined;
