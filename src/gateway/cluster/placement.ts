import { takenUnits, type ClusterView, type LiveHost, type WantedRecord } from './cluster-view.js';

/**
 * Which hosts are tried first for streams, the same on every host that knows the same. More free units go first; among
 * equals the highest hash of stream and host (rendezvous hashing, Thaler and Ravishankar 1998), so that streams spread
 * and a host that leaves changes the order of the others for no stream.
 */
export class Placement {
  readonly #view: ClusterView;
  readonly #used: ReadonlyMap<string, number>;
  readonly #reserved: { readonly hostId: string; readonly units: number };

  /**
   * The order at one moment.
   *
   * @param reserved - what a host is about to claim and others do not know of yet
   */
  constructor(view: ClusterView, reserved: { readonly hostId: string; readonly units: number }) {
    this.#view = view;
    this.#used = takenUnits(view);
    this.#reserved = reserved;
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
    const free = this.#freeUnits(self);
    const hash = rendezvousHash(stream.id, hostId);
    let rank = 0;
    for (const other of this.#view.hosts.values()) {
      if (rank > limit) break;
      if (other.id === hostId || !this.#hasRoom(other, stream)) continue;
      const otherFree = this.#freeUnits(other);
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
    const needs = stream.units === 1 ? '1 unit' : `${stream.units} units`;
    const drained = open.length === hosts.length ? '' : `; ${hosts.length - open.length} more are being drained`;
    return `no room: it needs ${needs}, and none of ${open.length} hosts has more than ${most} free${drained}`;
  }

  #freeUnits({ id, units }: LiveHost): number {
    const reserved = id === this.#reserved.hostId ? this.#reserved.units : 0;
    return units - (this.#used.get(id) ?? 0) - reserved;
  }

  #hasRoom(host: LiveHost, { id, units }: WantedRecord): boolean {
    if (this.#view.draining.has(host.id)) return false;
    const claim = this.#view.claims.get(id);
    const isKeptFree = claim && claim.hostId !== host.id && this.#view.moves.get(id)?.to === host.id;
    return this.#freeUnits(host) + (isKeptFree ? units : 0) >= units;
  }
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
