import { roundedUnits } from '../../shared/capacity/estimated-units.js';
import type { ClusterView, Need, WantedRecord } from './cluster-view.js';

/** What a host has, and what of it is taken; in units. */
export interface HostUnits {
  /** By streams that it has claimed, and by its gateway beside them. */
  readonly used: number;
  /** Of that, for streams that were claimed and are not measured yet by the host that has them. */
  readonly reserved: number;
}

/** What a stream counts: as measured last, on whichever host; as estimated where it never was. */
export function countedUnits({ units }: Pick<WantedRecord, 'units'>, need: Need | undefined): number {
  return need ? roundedUnits((need.units * units) / need.estimate) : units;
}

/** What claims take of each host that has any, or is there. */
export function usedUnits({ hosts, claims, streams, needs }: ClusterView): ReadonlyMap<string, HostUnits> {
  const used = new Map<string, HostUnits>();
  for (const { id, beside } of hosts.values()) used.set(id, { used: beside, reserved: 0 });
  for (const { streamId, hostId, epoch } of claims.values()) {
    const need = needs.get(streamId);
    const units = countedUnits(streams.get(streamId) ?? { units: 1 }, need);
    const before = used.get(hostId) ?? { used: 0, reserved: 0 };
    const reserved = need?.epoch === epoch ? 0 : units;
    used.set(hostId, { used: before.used + units, reserved: before.reserved + reserved });
  }
  return used;
}

/** Units of each host that are not free: used ones, and those that are kept for streams that are to move there. */
export function takenUnits(view: ClusterView): ReadonlyMap<string, number> {
  const taken = new Map([...usedUnits(view)].map(([id, { used }]) => [id, used]));
  for (const [streamId, { to }] of view.moves) {
    const stream = view.streams.get(streamId);
    const claim = view.claims.get(streamId);
    if (!stream || !claim || claim.hostId === to) continue;
    taken.set(to, (taken.get(to) ?? 0) + countedUnits(stream, view.needs.get(streamId)));
  }
  return taken;
}

/** Of what claims take of each host, the part that was never measured anywhere. */
export function unknownUnits({ claims, streams, needs }: ClusterView): ReadonlyMap<string, number> {
  const unknown = new Map<string, number>();
  for (const { streamId, hostId } of claims.values()) {
    if (needs.has(streamId)) continue;
    unknown.set(hostId, (unknown.get(hostId) ?? 0) + (streams.get(streamId)?.units ?? 1));
  }
  return unknown;
}
