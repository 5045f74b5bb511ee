import { roundedUnits } from '../../shared/capacity/estimated-units.js';
import type { ClusterView } from './cluster-view.js';
import { countedUnits, usedUnits } from './counted-units.js';
import { Placement } from './placement.js';

/** A host, for people and programs. */
export interface HostStatus {
  /** Its name. */
  readonly id: string;
  /** Its page and API. */
  readonly url: string;
  /** Of Diptych. */
  readonly version: string;
  /** What it takes: streams of 1920×1080 at 30 pictures a second. */
  readonly units: number;
  /** Of them, taken: as measured, and reserved. */
  readonly used: number;
  /** Of those, reserved for streams that it has not measured yet. */
  readonly reserved: number;
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
  /** What it counts. */
  readonly units: number;
  /** Whether that was measured; else it is estimated by the configuration. */
  readonly isMeasured: boolean;
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
      ...{ id, url, version, units: roundedUnits(units), isDraining: view.draining.has(id) },
      used: roundedUnits(used.get(id)?.used ?? 0),
      reserved: roundedUnits(used.get(id)?.reserved ?? 0),
    })),
    streams: [...view.streams.values()].sort(byId).map((stream) => {
      const { id } = stream;
      const claim = view.claims.get(id);
      const need = view.needs.get(id);
      const about = { id, units: countedUnits(stream, need), isMeasured: need !== undefined };
      if (claim) return { ...about, host: claim.hostId, epoch: claim.epoch };
      return { ...about, pending: pendingReason(view, id) };
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
