import { roundedUnits } from '../../shared/capacity/estimated-units.js';
import { countedUnits, takenUnits, unknownUnits } from './counted-units.js';
import type { ClusterView, LiveHost, WantedRecord } from './cluster-view.js';

/** Sums of measured units differ in the last places. */
const EXACT = 1e-6;
/**
 * What was never measured counts so much more in the order of hosts, though not for their room: it may take twice what it
 * is estimated to, and the host with most room would else get too many of those at once. Higher spreads such streams
 * more evenly over full and empty hosts. In the simulation 1 took the fullest host from 111 to 100 %.
 */
const UNKNOWN_WEIGHT = 1;

/**
 * Which hosts are tried first for streams, the same on every host that knows the same. More free units go first, whole
 * ones, because hosts claim at the same time only where several are equal; among equals the highest hash of stream and
 * host (rendezvous hashing, Thaler and Ravishankar 1998), so that streams spread and a host that leaves changes the
 * order of the others for no stream. A host without streams has room for any.
 */
export class Placement {
  readonly #view: ClusterView;
  readonly #reserved: { readonly hostId: string; readonly units: number };
  /** Counted when it is asked for: most of the time nothing waits for a host. */
  #counted: HostCounts | undefined;

  /**
   * The order at one moment.
   *
   * @param reserved - what a host is about to claim and others do not know of yet
   */
  constructor(view: ClusterView, reserved: { readonly hostId: string; readonly units: number }) {
    this.#view = view;
    this.#reserved = reserved;
  }

  /** What a stream counts, in units. */
  unitsOf(stream: WantedRecord): number {
    return countedUnits(stream, this.#view.needs.get(stream.id));
  }

  /**
   * Place of a host in the order of those that have room for a stream, from 0; absent where it has none. A host that
   * the stream is to move to is first.
   *
   * @param limit - a place after this one need not be told exactly. @defaultValue none
   */
  rankOf(hostId: string, stream: WantedRecord, limit = Infinity): number | undefined {
    const self = this.#view.hosts.get(hostId);
    if (!self || !this.#hasRoom(self, stream)) return undefined;
    const wished = this.#view.moves.get(stream.id)?.to;
    if (wished === hostId) return 0;
    const free = this.#wholeSurelyFree(self);
    const hash = rendezvousHash(stream.id, hostId);
    let rank = 0;
    for (const other of this.#view.hosts.values()) {
      if (rank > limit) break;
      if (other.id === hostId || !this.#hasRoom(other, stream)) continue;
      const otherFree = this.#wholeSurelyFree(other);
      if (other.id === wished || otherFree > free) rank++;
      else if (otherFree === free && isBefore(other.id, hostId, rendezvousHash(stream.id, other.id), hash)) rank++;
    }
    return rank;
  }

  /** Why no host takes a stream; absent where one has room for it. */
  pendingReason(stream: WantedRecord): string | undefined {
    const hosts = [...this.#view.hosts.values()];
    if (hosts.length === 0) return 'no host is there';
    if (hosts.some((host) => this.#hasRoom(host, stream))) return undefined;
    const open = hosts.filter(({ id }) => !this.#view.draining.has(id));
    if (open.length === 0) return 'every host is being drained';
    const most = Math.max(...open.map((host) => this.#freeUnits(host)));
    const units = this.unitsOf(stream);
    const how = this.#view.needs.has(stream.id) ? 'measured' : 'estimated';
    const needs = `${units === 1 ? '1 unit' : `${units} units`} (${how})`;
    const drained = open.length === hosts.length ? '' : `; ${hosts.length - open.length} more are being drained`;
    return `no room: it needs ${needs}, and none of ${open.length} hosts has more than ${roundedUnits(Math.max(0, most))} free${drained}`;
  }

  get #counts(): HostCounts {
    return (this.#counted ??= countsOf(this.#view, this.#reserved));
  }

  #freeUnits({ id, units }: LiveHost): number {
    const reserved = id === this.#reserved.hostId ? this.#reserved.units : 0;
    return units - (this.#counts.taken.get(id) ?? 0) - reserved;
  }

  #wholeSurelyFree(host: LiveHost): number {
    const unknown = this.#counts.unknown.get(host.id) ?? 0;
    return Math.floor(this.#freeUnits(host) - UNKNOWN_WEIGHT * unknown + EXACT);
  }

  #hasRoom(host: LiveHost, stream: WantedRecord): boolean {
    const { id } = stream;
    if (this.#view.draining.has(host.id)) return false;
    const claim = this.#view.claims.get(id);
    const isKeptFree = claim !== undefined && claim.hostId !== host.id && this.#view.moves.get(id)?.to === host.id;
    // One that no host is large enough for had better run late than not at all.
    if ((this.#counts.streams.get(host.id) ?? 0) === Number(isKeptFree)) return true;
    const units = this.unitsOf(stream);
    return this.#freeUnits(host) + (isKeptFree ? units : 0) + EXACT >= units;
  }
}

/** By the name of the host. */
interface HostCounts {
  /** Units that are not free. */
  readonly taken: ReadonlyMap<string, number>;
  /** Streams that it has, those that are to move there with them. */
  readonly streams: ReadonlyMap<string, number>;
  /** Units of those that were never measured anywhere. */
  readonly unknown: ReadonlyMap<string, number>;
}

function countsOf(view: ClusterView, reserved: { readonly hostId: string; readonly units: number }): HostCounts {
  const streams = new Map<string, number>();
  const count = (hostId: string): void => void streams.set(hostId, (streams.get(hostId) ?? 0) + 1);
  for (const { hostId } of view.claims.values()) count(hostId);
  for (const [streamId, { to }] of view.moves) if (view.claims.get(streamId)?.hostId !== to) count(to);
  if (reserved.units > 0) count(reserved.hostId);
  return { taken: takenUnits(view), streams, unknown: unknownUnits(view) };
}

const isBefore = (one: string, other: string, hash: number, otherHash: number): boolean =>
  hash > otherHash || (hash === otherHash && one < other);

/** FNV-1a over both names, then the last mixing step of MurmurHash3, so that names that differ little spread. */
export function rendezvousHash(streamId: string, hostId: string): number {
  let hash = 0x811c9dc5;
  const text = `${streamId}\n${hostId}`;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
