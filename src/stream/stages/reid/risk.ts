/** Why a track may not be who it was. */
export type RiskReason = 'rival' | 'shadow' | 'jump' | 'returned' | 'emerged' | 'resized' | 'camera' | 'newcomer';

/** What is known of one matched track without looking at a pixel. */
export interface RiskEvidence {
  /** Probability, by position alone, that the detection belongs to another track, in [0, 1]. */
  readonly rivalry: number;
  /** Seconds, since the last set, that somebody was hidden near this track; 0 for nobody. */
  readonly shadowS: number;
  /** Distance of the detection from the prediction, in what is usual for this track. */
  readonly jump: number;
  /** Seconds without a sight before this one; 0 where the track was seen in the last set. */
  readonly gapS: number;
  /** Came back in sight beside somebody who may have hidden it. */
  readonly hasEmerged: boolean;
  /** How surely the detector found this track lately, in [0, 1]: 1 = always, with a high score. */
  readonly steadiness: number;
  /** Share of the returns looked at lately that were harmless, cautiously counted, in [0, 1). */
  readonly harmlessness: number;
  /** Natural logarithm of the height against the predicted height. */
  readonly logResize: number;
  /** The camera moved so far that the track is nearer to another one's former place than to its own. */
  readonly isMistakable: boolean;
  /** The track has just begun, and somebody known is missing. */
  readonly isNewcomer: boolean;
}

/** Weights in [0, 1]: the risk that each reason alone brings at its fullest. Raise for more looks. */
export interface RiskWeights {
  /** Two people fit one detection. @defaultValue 1 */
  readonly rival: number;
  /** A second of somebody hidden close by. @defaultValue 0.75 */
  readonly shadow: number;
  /** A jump no motion explains. @defaultValue 0.3 */
  readonly jump: number;
  /** A steadily seen person was gone for a while. @defaultValue 0.9 */
  readonly returned: number;
  /** Out of sight beside somebody, and back. @defaultValue 0.7 */
  readonly emerged: number;
  /** Twice or half the size at once. @defaultValue 0.3 */
  readonly resized: number;
  /** A jump of the camera puts one person exactly where another one was. @defaultValue 0.6 */
  readonly camera: number;
  /** A new track while somebody known is missing. @defaultValue 1 */
  readonly newcomer: number;
}

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

export interface Risk {
  /** Probability-like, in [0, 1]. */
  readonly value: number;
  /** The reasons that brought more than a trace of it, strongest first. */
  readonly reasons: readonly RiskReason[];
}

/** Jumps so many times the usual are ordinary up to the first, full from the second on. */
const ORDINARY_JUMP = 4;
const FULL_JUMP = 8;
/** A gap this long makes a return as risky as 63 % of its weight, seconds. */
const GAP_S = 0.15;
/** However harmless returns were, so much of their risk remains. */
const LEAST_RETURN_RISK = 0.4;
/** Below it a reason is not worth telling. */
const TRACE = 0.02;

/**
 * The risk that a track changed the person with this detection: independent reasons, each with its
 * weight, joined as 1 − Π(1 − risk of the reason).
 */
export function assessRisk(evidence: RiskEvidence, weights: RiskWeights = DEFAULT_RISK_WEIGHTS): Risk {
  const parts: [RiskReason, number][] = [
    ['rival', weights.rival * evidence.rivalry],
    ['shadow', 1 - (1 - weights.shadow) ** evidence.shadowS],
    ['jump', weights.jump * ramp(evidence.jump, ORDINARY_JUMP, FULL_JUMP)],
    ['returned', weights.returned * returnRisk(evidence)],
    ['emerged', evidence.hasEmerged ? weights.emerged : 0],
    ['resized', weights.resized * Math.min(1, Math.abs(evidence.logResize) / Math.LN2) ** 2],
    ['camera', evidence.isMistakable ? weights.camera : 0],
    ['newcomer', evidence.isNewcomer ? weights.newcomer : 0],
  ];
  const value = 1 - parts.reduce((safe, [, part]) => safe * (1 - part), 1);
  const told = parts.filter(([, part]) => part > TRACE).sort(([, a], [, b]) => b - a);
  return { value, reasons: told.map(([reason]) => reason) };
}

/** Gaps are suspicious where the detector is not in the habit of missing people, and long. */
function returnRisk({ gapS, steadiness, harmlessness }: RiskEvidence): number {
  return (1 - Math.exp(-gapS / GAP_S)) * steadiness ** 2 * Math.max(LEAST_RETURN_RISK, 1 - harmlessness);
}

const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));
