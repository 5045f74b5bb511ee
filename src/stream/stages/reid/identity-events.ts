import type { TrackId } from '../../../shared/domain/track.js';
import type { RiskReason } from './risk.js';

/** What happened to an identity, for the log, the page and `--events`. */
export interface IdentityEvent {
  /** PTS of the detection set in which it was noticed, milliseconds. */
  readonly ptsMs: number;
  /** What happened. */
  readonly name:
    /** People may be mixed up; embeddings are asked for. Once for an episode, however often it is asked. */
    | 'swap_suspected'
    /** The episode is over: nobody of it has been in doubt for a while. */
    | 'suspicion_ended'
    /** A track showed another person than before, and has got the right identity. */
    | 'swap_corrected'
    /** Two identities are one person, who goes on as `trackId`; nobody is `formerTrackId` any more. */
    | 'identities_merged'
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
  /** Of `suspicion_ended`: when it began, ms of PTS. */
  readonly sincePtsMs?: number;
  /** Of `suspicion_ended`: when somebody was last in doubt, ms of PTS. */
  readonly untilPtsMs?: number;
  /** Of `suspicion_ended`: all who were in doubt. */
  readonly trackIds?: readonly TrackId[];
  /** Of `swap_corrected`: for how long the track was in doubt, ms. */
  readonly tookMs?: number;
  /** 1 − similarity to each known identity, mean of the samples. */
  readonly distances?: Readonly<Record<TrackId, number>>;
}
