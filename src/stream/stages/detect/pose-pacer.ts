import { center, iou, type Box } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';
import { withMore } from '../../../shared/with-more.js';

/** What keypoints tell of a person. */
export type Pose = Pick<Detection, 'head' | 'gaze'>;

/** The pose of somebody who keeps still is read anew after this long, ms of PTS: twice a second. */
const CALM_PAUSE_MS = 500;
/** That of somebody who moves, ms of PTS: five times a second, because the head moves along with the body anyway. */
const MOVING_PAUSE_MS = 200;
/** A body moves whose middle is farther from where its pose was read, in heights of the body. */
const MOVED = 0.05;
/** Or whose height is another by this share. */
const RESIZED = 0.1;
/** Two boxes of one person, from one detection to the next, overlap at least so much. */
const SAME_PERSON_IOU = 0.4;
/** Somebody who is not found for so long is forgotten, ms of PTS. */
const FORGET_MS = 1000;
/** A detection of a lower score may be nobody. */
const MIN_SCORE = 0.3;
/** Poses read in one frame, at most; with more people they take turns. */
const MAX_POSES = 8;

interface KnownPose {
  /** The person's box in the latest detections. */
  box: Box;
  /** When it was that. */
  seenPtsMs: number;
  /** The box in which the pose was read, and when. */
  readonly read: { readonly box: Box; readonly ptsMs: number; readonly pose: Pose };
}

/** The people of one frame. */
export interface PoseRound {
  /** Indices of those whose pose is to be read. */
  readonly due: readonly number[];
  /**
   * The same people with what is known of their poses.
   *
   * @param read - poses that were read, by the indices of `due`
   */
  readonly apply: (read: ReadonlyMap<number, Pose>) => readonly Detection[];
}

/**
 * Decides of whom the pose is read in a frame, and moves the poses that are known along with their bodies: people who
 * are new at once, people who move five times a second, people who keep still twice, eight in a frame at most, whoever
 * has waited longest first.
 */
export class PosePacer {
  #known: readonly KnownPose[] = [];
  #ptsMs = 0;

  /**
   * Takes in the people of a frame.
   *
   * @param ptsMs - of the frame, milliseconds
   */
  next(people: readonly Detection[], ptsMs: number): PoseRound {
    // After a jump back in time nothing is known.
    this.#known = this.#known.filter(({ seenPtsMs }) => ptsMs >= this.#ptsMs && ptsMs - seenPtsMs <= FORGET_MS);
    this.#ptsMs = ptsMs;
    const matched = matchKnown(people, this.#known);
    for (const [i, known] of matched.entries()) {
      if (known) Object.assign(known, { box: people[i]!.box, seenPtsMs: ptsMs });
    }
    const readPtsMs = (i: number): number => matched[i]?.read.ptsMs ?? Number.NEGATIVE_INFINITY;
    const due = people
      .map((_, i) => i)
      .filter((i) => people[i]!.score >= MIN_SCORE && isDue(matched[i], people[i]!.box, ptsMs))
      .sort((a, b) => compare(readPtsMs(a), readPtsMs(b)) || people[b]!.score - people[a]!.score)
      .slice(0, MAX_POSES);
    return { due, apply: (read) => people.map((person, i) => this.#apply(person, matched[i], read.get(i), ptsMs)) };
  }

  #apply(person: Detection, known: KnownPose | undefined, pose: Pose | undefined, ptsMs: number): Detection {
    if (!pose) return known ? withMore(person, movedPose(known.read, person.box)) : person;
    const { box } = person;
    this.#known = [
      ...this.#known.filter((each) => each !== known),
      { box, seenPtsMs: ptsMs, read: { box, ptsMs, pose } },
    ];
    return withMore(person, pose);
  }
}

/** Who of those that are known each person is: pairs that overlap most first. */
function matchKnown(people: readonly Detection[], known: readonly KnownPose[]): readonly (KnownPose | undefined)[] {
  const pairs = people
    .flatMap(({ box }, i) => known.map((each) => ({ i, each, overlap: iou(box, each.box) })))
    .filter(({ overlap }) => overlap >= SAME_PERSON_IOU)
    .sort((a, b) => b.overlap - a.overlap);
  const matched: (KnownPose | undefined)[] = people.map(() => undefined);
  const taken = new Set<KnownPose>();
  for (const { i, each } of pairs) {
    if (matched[i] || taken.has(each)) continue;
    matched[i] = each;
    taken.add(each);
  }
  return matched;
}

/** Which of two numbers comes first; infinite ones have no difference. */
const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

function isDue(known: KnownPose | undefined, box: Box, ptsMs: number): boolean {
  if (!known) return true;
  const { read } = known;
  return ptsMs - read.ptsMs >= (hasMoved(read.box, box) ? MOVING_PAUSE_MS : CALM_PAUSE_MS);
}

function hasMoved(from: Box, to: Box): boolean {
  const [before, now] = [center(from), center(to)];
  const distance = Math.hypot(before.x - now.x, before.y - now.y);
  return distance > MOVED * from.height || Math.abs(to.height - from.height) > RESIZED * from.height;
}

/** A pose whose head keeps its place below the upper edge and beside the middle of the box, in heights of it. */
function movedPose({ box, pose }: KnownPose['read'], to: Box): Pose {
  const { head } = pose;
  if (!head) return pose;
  const ratio = to.height / box.height;
  const x = center(to).x + (head.x - center(box).x) * ratio;
  const y = to.y + (head.y - box.y) * ratio;
  return { ...pose, head: { x, y, width: head.width * ratio, height: head.height * ratio } };
}
