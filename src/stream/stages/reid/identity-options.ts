import type { Size } from '../../../shared/domain/box.js';
import type { EmbeddingMetric } from '../../domain/embedding.js';
import type { KnownBefore } from './identity-store.js';
import type { RiskWeights } from './risk.js';

/**
 * `conditional`: embeddings only where an identity is uncertain · `always`: of every good crop in every set,
 * which costs most · `off`: none; every new track is a new person.
 */
export type ReidMode = 'conditional' | 'always' | 'off';

/** How identities are kept. */
export interface IdentityKeeperOptions {
  /** When embeddings are computed. @defaultValue 'conditional' */
  readonly mode?: ReidMode;
  /** How the model's embeddings are compared. @defaultValue 'cosine' */
  readonly metric?: EmbeddingMetric;
  /**
   * Uncertainty from which on the embeddings of a track are compared, in (0, 1). Lower finds more swaps and
   * computes more embeddings, higher computes fewer. @defaultValue 0.3
   */
  readonly riskThreshold?: number;
  /** What each reason adds to the uncertainty. @defaultValue DEFAULT_RISK_WEIGHTS */
  readonly riskWeights?: RiskWeights;
  /**
   * Embeddings a second for each person in sight in the long run, ≥ 0, whatever the rate of detections. Higher
   * resolves identities sooner in busy scenes and costs more, lower leaves more of them to the tracker. The default is
   * less than a tenth of the detections at 15 a second. @defaultValue 1.4
   */
  readonly looksPerS?: number;
  /** Who was known to the run before; read once. @defaultValue nobody */
  readonly before?: KnownBefore;
  /** Size of the source picture, pixels: crops cut by its edge are trusted less. */
  readonly picture?: Size;
}

/** What was counted since the start. */
export interface IdentityCounts {
  /** Detections matched to tracks. */
  readonly matched: number;
  /** Embeddings asked for. */
  readonly computed: number;
  /** Detections matched to tracks of which no embedding was asked for. */
  readonly skipped: number;
  /** Tracks with an identity that became uncertain. */
  readonly swapsSuspected: number;
  /** Tracks that got another known identity. */
  readonly swapsCorrected: number;
}
