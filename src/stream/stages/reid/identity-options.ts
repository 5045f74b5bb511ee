import type { Size } from '../../../shared/domain/box.js';
import type { EmbeddingMetric } from '../../domain/embedding.js';
import type { RiskWeights } from './risk.js';

/** `conditional`: look only when needed · `always`: look at everybody in every set · `off`: never. */
export type ReidMode = 'conditional' | 'always' | 'off';

export interface IdentityKeeperOptions {
  /** @defaultValue 'conditional' */
  readonly mode?: ReidMode;
  /** How the model's embeddings are compared. @defaultValue 'cosine' */
  readonly metric?: EmbeddingMetric;
  /** Doubt at which a track is looked at, in (0, 1). Lower looks more often. @defaultValue 0.3 */
  readonly riskThreshold?: number;
  readonly riskWeights?: RiskWeights;
  /** At most this share of the matched detections is embedded in the long run. @defaultValue 0.09 */
  readonly maxActivationRatio?: number;
  /** Size of the source picture: crops cut by its edge are trusted less. */
  readonly picture?: Size;
}

export interface IdentityCounts {
  /** Detections matched to tracks. */
  readonly matched: number;
  /** Embeddings asked for. */
  readonly computed: number;
  /** Detections matched to tracks and not looked at. */
  readonly skipped: number;
  readonly swapsSuspected: number;
  readonly swapsCorrected: number;
}
