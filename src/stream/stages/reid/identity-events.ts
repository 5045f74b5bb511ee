import type { TrackId } from '../../../shared/domain/track.js';
import type { RiskReason } from './risk.js';

/** What happened to an identity, for the log, the page and `--events`. */
export interface IdentityEvent {
  /** PTS of the detection set in which it was noticed, milliseconds. */
  readonly ptsMs: number;
  /** What happened. */
  readonly name:
    /** A track may show another person than before; embeddings are asked for. */
    | 'swap_suspected'
    /** It did, and has got the right identity. */
    | 'swap_corrected'
    /** A known person came back on a new track. */
    | 'reentry'
    /** A person who was not known. */
    | 'new_identity'
    /** `count` detections of the last seconds needed no embedding. */
    | 'reid_skipped';
  /** The identity that the event is about; absent in `reid_skipped`. */
  readonly trackId?: TrackId;
  /** The identity that the track had before. */
  readonly formerTrackId?: TrackId;
  /** Risk that led to the comparison, in [0, 1]. */
  readonly risk: number;
  /** What the risk was made of. */
  readonly reasons: readonly RiskReason[];
  /** Of `reid_skipped`. */
  readonly count?: number;
  /** 1 − similarity to each known identity, mean of the samples. */
  readonly distances?: Readonly<Record<TrackId, number>>;
}
