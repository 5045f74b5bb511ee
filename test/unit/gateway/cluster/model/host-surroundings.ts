import type { SimulatedEtcd } from './simulated-etcd.js';
import type { SimulatedTime } from './simulated-time.js';

export const TTL_MS = 2000;
export const RENEW_MS = 500;
export const REQUEST_LIMIT_MS = 1500;
/** A packet to the RTMP server takes up to so long: less than the margin. */
export const MOST_ON_THE_WAY_MS = 250;

/** Shorter than the product's, so that histories see what comes after it. */
export const BESIDE_LIMIT_MS = 3000;

/** What is left out to show that the tests see it. */
export interface Weakness {
  readonly marginMs?: number;
  readonly countsUnconfirmed?: boolean;
  readonly claimsBeforeEnd?: boolean;
  readonly takesLeaseWhileRunsEnd?: boolean;
  readonly handsOverWhilePublishing?: boolean;
}

export interface HostSurroundings {
  readonly time: SimulatedTime;
  readonly etcd: SimulatedEtcd;
  readonly random: () => number;
  readonly weakness: Weakness;
  /** Bytes of a stream that reach the RTMP server now. */
  readonly onBytes: (streamId: string, epoch: number, hostId: string) => void;
  /** Pictures of these are sent, ms apart. */
  readonly byteEveryMs: number;
  readonly statesWritten: (streamId: string, epoch: number, wasTaken: boolean) => void;
  /** What streams really take, in units, and how many times faster that is known; absent: it is never measured. */
  readonly costs?: { readonly of: (streamId: string) => number; readonly faster: number };
}
