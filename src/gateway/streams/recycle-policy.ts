import type { StreamStatus } from '../../shared/domain/stream-status.js';

/** What is known of a stream process and its streams. */
export interface RecycleCase {
  /** Resident memory of the process, bytes. */
  readonly memoryBytes: number;
  /** What it may take, bytes; 0: as much as it likes. */
  readonly limitBytes: number;
  /** How long it has been there, s. */
  readonly ageS: number;
  /** How long it has taken more, s. */
  readonly overForS: number;
  /** Its streams: whether each delivers, who watches, and where it is published. */
  readonly streams: readonly (Pick<StreamStatus, 'state' | 'targets'> & { readonly viewers: number })[];
}

/** Why a process is replaced now. */
export type RecycleReason = 'quiet' | 'waited' | 'urgent';

/** A process over its limit waits so long for a quiet moment, s. */
const LONGEST_WAIT_S = 30 * 60;
/** One that takes too much from its start would take too much again: it is not replaced more often than this, s. */
const LEAST_AGE_S = 10 * 60;
/** At this many times the limit there is no waiting: the machine may run out of memory before a quiet moment comes. */
const URGENT_RATIO = 2;

/**
 * Whether a process that takes more memory than it may is replaced now. `quiet`: nobody notices, because each of its
 * streams shows a slate, or is neither watched nor published · `waited`: no such moment came in half an hour ·
 * `urgent`: it takes twice what it may.
 */
export function recycleReason({
  memoryBytes,
  limitBytes,
  ageS,
  overForS,
  streams,
}: RecycleCase): RecycleReason | undefined {
  if (limitBytes === 0 || memoryBytes <= limitBytes || ageS < LEAST_AGE_S) return undefined;
  if (memoryBytes >= limitBytes * URGENT_RATIO) return 'urgent';
  if (streams.every(isQuiet)) return 'quiet';
  return overForS >= LONGEST_WAIT_S ? 'waited' : undefined;
}

function isQuiet({ state, viewers, targets }: RecycleCase['streams'][number]): boolean {
  const isSeen = viewers > 0 || targets.some((target) => target.state === 'live' || target.state === 'stalled');
  return !isSeen || state === 'offline';
}
