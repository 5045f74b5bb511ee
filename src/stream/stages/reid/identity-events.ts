import type { TrackId } from '../../../shared/domain/track.js';
import type { RiskReason } from './risk.js';

/** What the identity keeper noticed or did, for the log, the page and `--events`. */
export interface IdentityEvent {
  readonly ptsMs: number;
  readonly name:
    /** A track may not be who it was; it is being looked at. */
    | 'swap_suspected'
    /** It was not, and has its own identity again. */
    | 'swap_corrected'
    /** Somebody known came back on a new track. */
    | 'reentry'
    /** Somebody nobody knew. */
    | 'new_identity'
    /** So many detections in the last seconds needed no look. */
    | 'reid_skipped';
  /** The identity that the event is about; absent while nobody knows. */
  readonly trackId?: TrackId;
  /** Identity it was taken for. */
  readonly formerTrackId?: TrackId;
  /** Risk that led to the look, in [0, 1]. */
  readonly risk: number;
  readonly reasons: readonly RiskReason[];
  /** Of `reid_skipped`. */
  readonly count?: number;
  /** 1 − similarity to each known identity, mean of the looks. */
  readonly distances?: Readonly<Record<TrackId, number>>;
}
