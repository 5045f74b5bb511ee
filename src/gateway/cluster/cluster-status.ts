import { usedUnits, type ClusterView } from './cluster-view.js';
import { Placement } from './placement.js';

/** A host, for people and programs. */
export interface HostStatus {
  /** Its name. */
  readonly id: string;
  /** Its page and API. */
  readonly url: string;
  /** Of Diptych. */
  readonly version: string;
  /** Streams that it takes. */
  readonly units: number;
  /** Of them, taken. */
  readonly used: number;
  /** Whether it is being drained. */
  readonly isDraining: boolean;
}

/** Where a stream runs, for people and programs. */
export interface PlacedStream {
  /** Its name. */
  readonly id: string;
  /** The host that runs it; absent where none does. */
  readonly host?: string;
  /** The claim by which it does; a later one is higher. */
  readonly epoch?: number;
  /** Why no host runs it. */
  readonly pending?: string;
}

/** The cluster as one host knows it. */
export interface ClusterStatus {
  /** By their names. */
  readonly hosts: readonly HostStatus[];
  /** By their names. */
  readonly streams: readonly PlacedStream[];
}

/** Puts what is known of a cluster in order. */
export function clusterStatus(view: ClusterView): ClusterStatus {
  const used = usedUnits(view);
  return {
    hosts: [...view.hosts.values()].sort(byId).map(({ id, url, version, units }) => ({
      ...{ id, url, version, units, used: used.get(id) ?? 0, isDraining: view.draining.has(id) },
    })),
    streams: [...view.streams.values()].sort(byId).map(({ id }) => {
      const claim = view.claims.get(id);
      if (claim) return { id, host: claim.hostId, epoch: claim.epoch };
      return { id, pending: pendingReason(view, id) };
    }),
  };
}

/** Why no host runs a stream. */
export function pendingReason(view: ClusterView, streamId: string): string {
  const stream = view.streams.get(streamId);
  if (!stream) return 'it is not wanted';
  const nobody = { hostId: '', units: 0 };
  return new Placement(view, nobody).pendingReason(stream) ?? 'a host is about to take it';
}

const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1);
