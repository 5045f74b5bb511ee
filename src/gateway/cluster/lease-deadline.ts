/** How long before etcd may give a host's claims away its output ends, ms: what is on its way then still arrives. */
export const FENCE_MARGIN_MS = 300;

/** A renewal of a lease that was answered. */
export interface AnsweredRenewal {
  /** Monotonic clock of this host when the renewal was sent, ms: etcd counts from a later time. */
  readonly sentAtMs: number;
  /** For how long etcd has renewed the lease, ms. */
  readonly ttlMs: number;
  /** Raft term that the member which answered told last before the renewal was sent; absent: none. */
  readonly termBefore: number | undefined;
  /** Raft term that it told with the answer. */
  readonly term: number;
}

/** Options of {@link LeaseDeadline}. */
export interface LeaseDeadlineOptions {
  /** Higher leaves more time for what is on its way, lower ends output later. @defaultValue {@link FENCE_MARGIN_MS} */
  readonly marginMs?: number;
}

/**
 * Until when a host may publish and record what it has claimed. It never goes back, and counts only renewals that are
 * certain: a member that was the leader of etcd until a moment ago answers renewals without keeping them. So a renewal
 * counts once a read that needs a majority, sent after the answer, is answered in the same term: then whoever answered
 * was the leader, and each later leader gives all leases their whole time again. The term has to be the same before as
 * well: a member may pass the renewal on to a former leader and learn of the next term before it answers.
 */
export class LeaseDeadline {
  readonly #marginMs: number;
  #deadlineMs = -Infinity;

  constructor({ marginMs = FENCE_MARGIN_MS }: LeaseDeadlineOptions = {}) {
    this.#marginMs = marginMs;
  }

  /** Monotonic clock of this host, ms; -Infinity while nothing may be published. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /**
   * A read that needs a majority was answered.
   *
   * @param renewal - whose answer was there before the read was sent
   * @param term - raft term of the member that answered the read
   * @returns whether the renewal counts
   */
  confirm(renewal: AnsweredRenewal, term: number): boolean {
    if (renewal.term !== term || renewal.termBefore !== term) return false;
    this.#deadlineMs = Math.max(this.#deadlineMs, renewal.sentAtMs + renewal.ttlMs - this.#marginMs);
    return true;
  }

  /** etcd does not know the lease any more: somebody else may have the claims. */
  lose(): void {
    this.#deadlineMs = -Infinity;
  }
}
