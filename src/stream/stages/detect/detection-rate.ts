import { center, type Box } from '../../../shared/domain/box.js';
import type { Detection, DetectionSet } from '../../../shared/domain/detection.js';

/** How often to detect. */
export interface DetectionRateOptions {
  /** Detections a second, at most, > 0. */
  readonly maxFps: number;
  /**
   * Detections a second while nothing moves, of detectors that find bodies, > 0. Higher notices sooner that somebody
   * moves or comes, lower costs less. @defaultValue maxFps
   */
  readonly calmFps?: number;
}

/** A scene is calm once nothing has moved for so long, ms of PTS. */
const CALM_AFTER_MS = 1500;
/** Heads that move faster than this many of their sizes a second are a movement; keypoints of still ones do less. */
const MAX_SPEED = 0.7;
/** Moves of less than this share of a head's size are noise, however short the time between. */
const NOISE = 0.2;
/** Somebody of a lower score is in doubt. */
const SURE_SCORE = 0.5;

/**
 * How often to detect, by what was found: `maxFps` while people move, come, go or are found with doubt, `calmFps`
 * after a moment of rest. Only of detectors that find bodies: faces come and go as people turn.
 */
export class DetectionRate {
  readonly #options: DetectionRateOptions;
  #last: DetectionSet | undefined;
  #restlessMs = Number.NEGATIVE_INFINITY;

  /** Begins without rest; the options are read anew each time: they may change on the way. */
  constructor(options: DetectionRateOptions) {
    this.#options = options;
  }

  /** Detections a second from now on. */
  get fps(): number {
    const { maxFps, calmFps = maxFps } = this.#options;
    return this.#isCalm ? Math.min(maxFps, calmFps) : maxFps;
  }

  /** Takes in what was found. */
  observe(set: DetectionSet): void {
    if (this.#last === undefined || !isLike(this.#last, set)) this.#restlessMs = set.ptsMs;
    this.#last = set;
  }

  get #isCalm(): boolean {
    const last = this.#last;
    return last?.bodies === true && last.ptsMs - this.#restlessMs >= CALM_AFTER_MS;
  }
}

/** Whether the same people are at the same places. */
function isLike(before: DetectionSet, now: DetectionSet): boolean {
  const [former, people] = [before, now].map(({ detections }) => detections.filter(isSure)) as [
    Detection[],
    Detection[],
  ];
  const seconds = (now.ptsMs - before.ptsMs) / 1000;
  return (
    former.length === people.length &&
    people.every((person) => former.some((other) => isNear(subject(person), subject(other), seconds)))
  );
}

function isNear(a: Box, b: Box, seconds: number): boolean {
  const [from, to] = [center(a), center(b)];
  const size = Math.max(a.height, b.height);
  return Math.hypot(from.x - to.x, from.y - to.y) <= size * Math.max(NOISE, MAX_SPEED * seconds);
}

const isSure = ({ score }: Detection): boolean => score >= SURE_SCORE;

const subject = ({ head, box }: Detection): Box => head ?? box;
