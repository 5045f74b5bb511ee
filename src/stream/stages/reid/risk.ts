/** Why a track may not be who it was. */
export type RiskReason =
  'rival' | 'shadow' | 'jump' | 'returned' | 'emerged' | 'resized' | 'camera' | 'newcomer' | 'cut';

/** What is known of one matched track without its pixels. */
export interface RiskEvidence {
  /** Probability, by position alone, that the detection belongs to another track, in [0, 1]. */
  readonly ambiguity: number;
  /** Seconds, since the last set, for which a person was occluded near this track; 0 for nobody. */
  readonly occlusionS: number;
  /** Distance of the detection from the prediction, as a multiple of what is usual for this track, ≥ 0. */
  readonly jump: number;
  /** Seconds without a detection before this one, ≥ 0; 0 where the track was seen in the last set. */
  readonly gapS: number;
  /** Came back in sight beside a track that may have occluded it. */
  readonly hasEmerged: boolean;
  /** How reliably the detector found this track lately, in [0, 1]: 1 = always, with a high score. */
  readonly reliability: number;
  /** Share of recent returns that were of the same person, counted with a cautious prior, in [0, 1). */
  readonly harmlessRatio: number;
  /** Natural logarithm of the height over the predicted height. */
  readonly logResize: number;
  /** The camera moved so far that the track is nearer to another one's former position than to its own. */
  readonly isConfusable: boolean;
  /** The track has just begun, and a known person is missing. */
  readonly isNewcomer: boolean;
}

/**
 * Weights in [0, 1]: the risk that each reason alone brings at most. Raising one computes more embeddings
 * and finds more swaps of that kind; lowering it computes fewer.
 */
export interface RiskWeights {
  /** Two tracks fit one detection. @defaultValue 1 */
  readonly rival: number;
  /** A second with an occluded person close by. @defaultValue 0.75 */
  readonly shadow: number;
  /** A jump that the motion model does not explain. @defaultValue 0.3 */
  readonly jump: number;
  /** A reliably detected person was out of sight for a while. @defaultValue 0.9 */
  readonly returned: number;
  /** Out of sight beside an occluder, and back. @defaultValue 0.7 */
  readonly emerged: number;
  /** Twice or half the size from one set to the next. @defaultValue 0.3 */
  readonly resized: number;
  /** A jump of the camera puts one person where another one was. @defaultValue 0.6 */
  readonly camera: number;
  /** A new track while a known person is missing. @defaultValue 1 */
  readonly newcomer: number;
}

/** The weights that the benchmark of identities was tuned with. */
export const DEFAULT_RISK_WEIGHTS: RiskWeights = {
  rival: 1,
  shadow: 0.75,
  jump: 0.3,
  returned: 0.9,
  emerged: 0.7,
  resized: 0.3,
  camera: 0.6,
  newcomer: 1,
};

/** How likely it is that a track changed its person, and why. */
export interface Risk {
  /** Probability-like, in [0, 1]. */
  readonly value: number;
  /** The reasons that brought more than a trace of it, strongest first. */
  readonly reasons: readonly RiskReason[];
}

/** A jump up to the first multiple of the usual is no risk, from the second on it is a full one. */
const ORDINARY_JUMP = 4;
const FULL_JUMP = 8;
/** A gap this long makes a return as risky as 63 % of its weight, seconds. */
const GAP_S = 0.15;
/** Share of the risk of a return that remains however harmless returns were. */
const LEAST_RETURN_RISK = 0.4;
/** A reason of less risk is not reported. */
const TRACE = 0.02;

/**
 * The risk that a track changed the person with this detection: independent reasons, each with its
 * weight, joined as 1 − Π(1 − risk of the reason).
 */
export function assessRisk(evidence: RiskEvidence, weights: RiskWeights = DEFAULT_RISK_WEIGHTS): Risk {
  const parts: [RiskReason, number][] = [
    ['rival', weights.rival * evidence.ambiguity],
    ['shadow', 1 - (1 - weights.shadow) ** evidence.occlusionS],
    ['jump', weights.jump * ramp(evidence.jump, ORDINARY_JUMP, FULL_JUMP)],
    ['returned', weights.returned * returnRisk(evidence)],
    ['emerged', evidence.hasEmerged ? weights.emerged : 0],
    ['resized', weights.resized * Math.min(1, Math.abs(evidence.logResize) / Math.LN2) ** 2],
    ['camera', evidence.isConfusable ? weights.camera : 0],
    ['newcomer', evidence.isNewcomer ? weights.newcomer : 0],
  ];
  const value = 1 - parts.reduce((safe, [, part]) => safe * (1 - part), 1);
  const reported = parts.filter(([, part]) => part > TRACE).sort(([, a], [, b]) => b - a);
  return { value, reasons: reported.map(([reason]) => reason) };
}

/** A gap is a risk where it is long, and where the detector rarely misses people. */
function returnRisk({ gapS, reliability, harmlessRatio }: RiskEvidence): number {
  return (1 - Math.exp(-gapS / GAP_S)) * reliability ** 2 * Math.max(LEAST_RETURN_RISK, 1 - harmlessRatio);
}

const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));
