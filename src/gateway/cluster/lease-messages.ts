import type { ClusterConfig } from '../../shared/config/cluster-schema.js';

/** What the thread that renews the lease is started with. */
export interface LeaseWorkerData {
  /** Where the lease is, and what it is for. */
  readonly cluster: Pick<ClusterConfig, 'etcd' | 'host' | 'ttlS' | 'whenAlone'>;
  /** File that the deadline is written to. */
  readonly fencePath: string;
}

/** To the thread. */
export type LeaseCommand =
  /** Whether a lease may begin; it may not at the start. */
  | { readonly type: 'mayTake'; readonly mayTake: boolean }
  /** Closes the fence and ends the lease; answered by `ended`. */
  | { readonly type: 'end' };

/** From the thread. */
export type LeaseReport =
  /** A lease has begun. */
  | { readonly type: 'lease'; readonly lease: string }
  /** etcd does not know the lease any more. */
  | { readonly type: 'lost' }
  /** A renewal counts. Times are of the monotonic clock that all threads have (`process.hrtime`). */
  | { readonly type: 'renewed'; readonly sentAtMs: number; readonly certainAtMs: number }
  /** Whether the deadline is ahead: it may publish. */
  | { readonly type: 'fence'; readonly isOpen: boolean; readonly reason?: string }
  /** Nothing is left of the lease, or it runs out by itself. */
  | { readonly type: 'ended' };
