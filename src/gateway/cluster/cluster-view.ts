/** A host as it has registered itself, under its lease. */
export interface HostRecord {
  /** Unique within the cluster. */
  readonly id: string;
  /** Where people and programs reach its page and API. */
  readonly url: string;
  /** Streams that it takes, in units; a stream has one unless it says otherwise. */
  readonly units: number;
  /** Of Diptych. */
  readonly version: string;
}

/** A host that is there. */
export interface LiveHost extends HostRecord {
  /** Its lease: an id of 64 bits, in decimal. */
  readonly lease: string;
}

/** Who runs a stream. It is there for as long as the lease of its host, unless it is released before. */
export interface Claim {
  /** The stream. */
  readonly streamId: string;
  /** The host. */
  readonly hostId: string;
  /** Revision of etcd at which this host got it: each later claim of the stream has a higher one. */
  readonly epoch: number;
  /** The lease that holds it. */
  readonly lease: string;
}

/** A stream that is wanted. */
export interface WantedRecord {
  /** Its name. */
  readonly id: string;
  /** What it takes of a host. */
  readonly units: number;
  /** Revision of etcd at which it was changed last. */
  readonly revision: number;
  /** Its configuration as it is kept, with sealed secrets; only hosts read it. */
  readonly sealed?: string;
}

/** A stream is to go to another host. */
export interface Move {
  /** That host. */
  readonly to: string;
  /** The claim beside which the stream runs there already; absent: it does not yet. */
  readonly ready?: number;
  /** Revision of etcd at which this was written. */
  readonly revision: number;
}

/** What is known of the cluster at one revision of etcd. */
export interface ClusterView {
  /** Those whose lease lives, by their id. */
  readonly hosts: ReadonlyMap<string, LiveHost>;
  /** By the name of the stream. */
  readonly claims: ReadonlyMap<string, Claim>;
  /** By name. */
  readonly streams: ReadonlyMap<string, WantedRecord>;
  /** Hosts that are to end what they run, and claim nothing. */
  readonly draining: ReadonlySet<string>;
  /** By the name of the stream. */
  readonly moves: ReadonlyMap<string, Move>;
}

/** Units that claims take of each host. */
export function usedUnits({ claims, streams }: ClusterView): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  for (const { streamId, hostId } of claims.values()) {
    used.set(hostId, (used.get(hostId) ?? 0) + (streams.get(streamId)?.units ?? 1));
  }
  return used;
}

/** As {@link usedUnits}, with what is kept free for streams that are to move there. */
export function takenUnits(view: ClusterView): ReadonlyMap<string, number> {
  const taken = new Map(usedUnits(view));
  for (const [streamId, { to }] of view.moves) {
    const stream = view.streams.get(streamId);
    const claim = view.claims.get(streamId);
    if (stream && claim && claim.hostId !== to) taken.set(to, (taken.get(to) ?? 0) + stream.units);
  }
  return taken;
}
