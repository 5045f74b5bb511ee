import { center, type Box } from '../../../shared/domain/box.js';
import type { Detection, DetectionSet } from '../../../shared/domain/detection.js';

/** How often to detect. */
export interface DetectionRateOptions {
  /** Detections a second, at most, > 0. */
  readonly maxFps: number;
  /**
   * Detections a second while nothing moves, > 0. Higher notices sooner that somebody moves or comes, lower costs less.
   * @defaultValue maxFps
   */
  readonly calmFps?: number;
}

/** A scene is calm once nothing has moved for so long, ms of PTS: of bodies, and of faces, which hide more. */
const CALM_AFTER_MS = 1500;
const FACES_CALM_AFTER_MS = 3000;
/** Longer than from one detection to the next. */
const NEARLY_MS = 1000;
/** Heads that move faster than this many of their sizes a second are a movement; keypoints of still ones do less. */
const MAX_SPEED = 0.7;
/** Moves of less than this share of a head's size are noise, however short the time between. */
const NOISE = 0.2;
/** Somebody of a lower score is in doubt. */
const SURE_SCORE = 0.5;
/** A face is sure from this score, and nobody's below that one; in between it may come or go at any time. */
const SURE_FACE = 0.7;
const NO_FACE = 0.4;
/** Faces that are farther from where rest began than this share of their size have moved, however slowly. */
const FACE_REST = 0.3;
/** Faces whose middles are nearer than this many of their sizes may meet before the next detection. */
const FACES_APART = 2;

/**
 * How often to detect, by what was found: `maxFps` while people move, come, go or are found with doubt, `calmFps`
 * after a moment of rest. Faces come and go as people turn: they are at rest only where each is sure, apart from the
 * others, and where it was when rest began.
 */
export class DetectionRate {
  readonly #options: DetectionRateOptions;
  #last: DetectionSet | undefined;
  #restlessMs = Number.NEGATIVE_INFINITY;
  #restBegan: DetectionSet | undefined;

  /** Begins without rest; the options are read anew each time: they may change on the way. */
  constructor(options: DetectionRateOptions) {
    this.#options = options;
  }

  /** Detections a second from now on. */
  get fps(): number {
    const { maxFps, calmFps = maxFps } = this.#options;
    return this.isCalm ? Math.min(maxFps, calmFps) : maxFps;
  }

  /** Whether faces were found last, which may come and go between two detections. */
  get isOfFaces(): boolean {
    return this.#last !== undefined && this.#last.bodies !== true;
  }

  /** Takes in what was found. */
  observe(set: DetectionSet): void {
    const isRest = set.bodies === true ? this.#last && isLike(this.#last, set) : restsSince(this.#restBegan, set);
    if (isRest !== true) {
      this.#restlessMs = set.ptsMs;
      this.#restBegan = set;
    }
    this.#last = set;
  }

  /** Whether nothing has moved for a moment. */
  get isCalm(): boolean {
    return this.#hasRestedFor(this.isOfFaces ? FACES_CALM_AFTER_MS : CALM_AFTER_MS);
  }

  /** Whether it is calm, or may be from the next detection on. */
  get isNearlyCalm(): boolean {
    return this.#hasRestedFor((this.isOfFaces ? FACES_CALM_AFTER_MS : CALM_AFTER_MS) - NEARLY_MS);
  }

  #hasRestedFor(ms: number): boolean {
    return this.#last !== undefined && this.#last.ptsMs - this.#restlessMs >= ms;
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

/** Whether faces are where they were when rest began, each sure and apart from the others. */
function restsSince(began: DetectionSet | undefined, { detections }: DetectionSet): boolean {
  const faces = detections.filter(({ score }) => score >= NO_FACE);
  const former = began?.detections.filter(({ score }) => score >= NO_FACE);
  return (
    former?.length === faces.length &&
    faces.every(({ score, box }, i) => {
      const others = faces.filter((_, other) => other !== i);
      return (
        score >= SURE_FACE &&
        others.every((other) => sizesApart(box, other.box) >= FACES_APART) &&
        former.some((other) => sizesApart(box, other.box) <= FACE_REST)
      );
    })
  );
}

/** Distance of the middles of two faces, in sizes of the larger. */
function sizesApart(a: Box, b: Box): number {
  const [from, to] = [center(a), center(b)];
  return Math.hypot(from.x - to.x, from.y - to.y) / Math.max(a.width, a.height, b.width, b.height);
}

function isNear(a: Box, b: Box, seconds: number): boolean {
  const [from, to] = [center(a), center(b)];
  const size = Math.max(a.height, b.height);
  return Math.hypot(from.x - to.x, from.y - to.y) <= size * Math.max(NOISE, MAX_SPEED * seconds);
}

const isSure = ({ score }: Detection): boolean => score >= SURE_SCORE;

const subject = ({ head, box }: Detection): Box => head ?? box;
