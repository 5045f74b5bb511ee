/** A host as it has registered itself, under its lease. */
export interface HostRecord {
  /** Unique within the cluster. */
  readonly id: string;
  /** Where people and programs reach its page and API. */
  readonly url: string;
  /** What it takes, in units: streams of 1920×1080 at 30 pictures a second. */
  readonly units: number;
  /** Of them, what its gateway takes beside its streams, such as for viewers, as measured; 0 where it does not say. */
  readonly beside: number;
  /** Of Diptych. */
  readonly version: string;
}

/** A host that is there. */
export interface LiveHost extends HostRecord {
  /** Its lease: an id of 64 bits, in decimal. */
  readonly lease: string;
  /** Revision of etcd at which it was written last. */
  readonly revision: number;
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
  /** What it is estimated to take of a host, by its configuration. */
  readonly units: number;
  /** Revision of etcd at which it was changed last. */
  readonly revision: number;
  /** Its configuration as it is kept, with sealed secrets; only hosts read it. */
  readonly sealed?: string;
}

/** What a stream took when it was measured. It stays when its host is gone. */
export interface Need {
  /** As measured. */
  readonly units: number;
  /** What it was estimated to take then: where its configuration changes, both change alike. */
  readonly estimate: number;
  /** The claim by which it ran. */
  readonly epoch: number;
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
  /** What streams took, by their names. */
  readonly needs: ReadonlyMap<string, Need>;
  /** Hosts that are to end what they run, and claim nothing. */
  readonly draining: ReadonlySet<string>;
  /** By the name of the stream. */
  readonly moves: ReadonlyMap<string, Move>;
}
