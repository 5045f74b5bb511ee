import type { Transaction } from '#src/gateway/cluster/transactions.js';
import type { SimulatedTime } from './simulated-time.js';

export interface StoredKey {
  readonly key: string;
  readonly value: string;
  readonly created: number;
  readonly revision: number;
  readonly lease?: string;
}

/** A change of one key; without a value it was deleted. */
export interface KeyChange {
  readonly key: string;
  readonly now?: StoredKey;
}

export interface Renewed {
  readonly ttlMs: number;
  readonly term: number;
}

export class EtcdDown extends Error {}

/**
 * etcd as a whole, as its clients see it: leases, transactions, ordered watches. While it has no leader nothing is
 * answered; a new leader gives all leases their whole time again, as etcd does. A member may go on answering renewals for
 * a while after it has lost the lead, as etcd's issue 15247 describes it.
 */
export class SimulatedEtcd {
  readonly #time: SimulatedTime;
  readonly #keys = new Map<string, StoredKey>();
  readonly #leases = new Map<string, { readonly ttlMs: number; expiresAtMs: number }>();
  readonly #watchers: ((changes: readonly KeyChange[]) => void)[] = [];
  /** Leases that the former leader still knows, and until when it does not know that it is the former one. */
  #former: { readonly leases: ReadonlySet<string>; readonly untilMs: number; readonly term: number } | undefined;
  #revision = 1;
  #nextLease = 1000;
  #term = 2;
  #hasLeader = true;

  constructor(time: SimulatedTime) {
    this.#time = time;
    const tick = (): void => {
      this.#expire();
      time.after(100, tick);
    };
    tick();
  }

  get hasLeader(): boolean {
    return this.#hasLeader;
  }

  key(key: string): StoredKey | undefined {
    return this.#keys.get(key);
  }

  all(): readonly StoredKey[] {
    return [...this.#keys.values()];
  }

  watch(watcher: (changes: readonly KeyChange[]) => void): void {
    this.#watchers.push(watcher);
  }

  /** The leader is gone for `electionMs`; for `staleMs` it does not notice itself. */
  loseLeader(electionMs: number, staleMs: number): void {
    if (!this.#hasLeader) return;
    this.#hasLeader = false;
    this.#former = {
      leases: new Set(this.#leases.keys()),
      untilMs: this.#time.nowMs + staleMs,
      term: this.#term,
    };
    this.#time.after(electionMs, () => {
      this.#hasLeader = true;
      this.#term++;
      for (const lease of this.#leases.values()) lease.expiresAtMs = this.#time.nowMs + lease.ttlMs;
    });
  }

  grant(ttlMs: number): string {
    this.#requireLeader();
    const id = String(this.#nextLease++);
    this.#leases.set(id, { ttlMs, expiresAtMs: this.#time.nowMs + ttlMs });
    return id;
  }

  /** @returns absent where there is no such lease */
  renew(id: string, isAtFormerLeader: boolean): Renewed | undefined {
    const former = this.#former;
    if (isAtFormerLeader && former && this.#time.nowMs < former.untilMs) {
      return former.leases.has(id) ? { ttlMs: 2000, term: former.term } : undefined;
    }
    this.#requireLeader();
    this.#expire();
    const lease = this.#leases.get(id);
    if (!lease) return undefined;
    lease.expiresAtMs = this.#time.nowMs + lease.ttlMs;
    return { ttlMs: lease.ttlMs, term: this.#term };
  }

  /** A read that needs a majority. */
  confirm(): number {
    this.#requireLeader();
    return this.#term;
  }

  commit({ when, then }: Transaction): boolean {
    this.#requireLeader();
    this.#expire();
    for (const comparison of when) {
      const { key } = comparison;
      if ('modified' in comparison) {
        if ((this.#keys.get(key)?.revision ?? 0) !== comparison.modified) return false;
        continue;
      }
      const { created } = comparison;
      const now = this.#keys.get(key)?.created ?? 0;
      if (created === 'any' ? now === 0 : now !== created) return false;
    }
    for (const operation of then) {
      if (operation.type === 'put' && operation.lease !== undefined && !this.#leases.has(operation.lease)) return false;
    }
    this.#revision++;
    const changes: KeyChange[] = [];
    for (const operation of then) {
      const { key } = operation;
      const before = this.#keys.get(key);
      if (operation.type === 'delete') {
        if (this.#keys.delete(key)) changes.push({ key });
        continue;
      }
      const { value, lease } = operation;
      const created = before?.created ?? this.#revision;
      const now = { key, value, created, revision: this.#revision, ...(lease !== undefined && { lease }) };
      this.#keys.set(key, now);
      changes.push({ key, now });
    }
    this.#tell(changes);
    return true;
  }

  #requireLeader(): void {
    if (!this.#hasLeader) throw new EtcdDown();
  }

  #expire(): void {
    if (!this.#hasLeader) return;
    for (const [id, { expiresAtMs }] of this.#leases) {
      if (expiresAtMs > this.#time.nowMs) continue;
      this.#leases.delete(id);
      const changes = [...this.#keys.values()].filter(({ lease }) => lease === id).map(({ key }) => ({ key }));
      if (changes.length === 0) continue;
      this.#revision++;
      for (const { key } of changes) this.#keys.delete(key);
      this.#tell(changes);
    }
  }

  #tell(changes: readonly KeyChange[]): void {
    for (const watcher of this.#watchers) watcher(changes);
  }
}
