import { center, iou, type Box, type Size } from '../shared/domain/box.js';
import { positionAt, type PersonTruth, type Scene } from '../test-camera/scene.js';

/** What one output frame of `diptych render --events` says. */
export interface ShownFrame {
  /** Of the source frame that is shown. */
  readonly sourcePtsMs: number;
  /** Track ids, the left tile first. */
  readonly slots: readonly (number | null)[];
  /** Whom the frame shows, in any order. */
  readonly people: readonly ShownPerson[];
}

/** A track of one frame. */
export interface ShownPerson {
  /** The identity. */
  readonly trackId: number;
  /** `tracked` if it was detected in this frame. */
  readonly state: string;
  /** In pixels of the source. */
  readonly box: Box;
}

/** How often the people of a scene were mixed up. */
export interface FaceScore {
  /** An identity on the wrong person for more than 0.5 s in which that person could be seen, apart from the other. */
  readonly lastingSwaps: number;
  /** Longest time that an identity was on the wrong person so, s. */
  readonly longestSwapS: number;
  /** Ids that nobody had, given to a person already known. */
  readonly freshIds: number;
  /** Ids under which the people were shown, all in all. */
  readonly ids: number;
  /** Frames in which both could be seen and stood apart. */
  readonly tileFrames: number;
  /** Of those frames, the ones with each person in the right tile. */
  readonly tileRight: number;
}

/** A swap may last this long after the people are apart, s. */
const GRACE_S = 0.5;
/** A person of whose face less is visible is hidden. */
const VISIBLE_RATIO = 0.5;
/** Overlap from which a box is the face of a person. */
const MATCH_IOU = 0.3;
/** Rounding of time stamps may not decide, s. */
const EPSILON_S = 1e-3;

/**
 * Scores what was shown of a scene against its formulas. Whoever is first shown under an id owns it.
 * Frames in which a person is hidden or nearer to the other than a face is wide say nothing of
 * them; what follows starts the clock again.
 *
 * @param frames - in the order of time
 * @param size - of the source picture, pixels
 */
export function scoreFaces(scene: Scene, frames: readonly ShownFrame[], size: Size): FaceScore {
  const owners = new Map<number, number>();
  const wrongSinceS = new Map<number, number>();
  const isCounted = new Set<number>();
  let lastingSwaps = 0;
  let longestSwapS = 0;
  let freshIds = 0;
  let tileFrames = 0;
  let tileRight = 0;
  for (const { sourcePtsMs, slots, people } of frames) {
    const tS = sourcePtsMs / 1000;
    const truth = scene.people.map((_, person) => positionAt(scene, person, tS, size));
    const clear = truth.filter((one) => one.visibleRatio >= VISIBLE_RATIO && isApart(one, truth));
    for (const { person } of truth) {
      if (!clear.some((one) => one.person === person)) wrongSinceS.delete(person);
    }
    for (const { person, face } of clear) {
      const id = idOn(face, people);
      if (id === undefined) continue;
      const owner = owners.get(id);
      if (owner === undefined) {
        if ([...owners.values()].includes(person)) freshIds += 1;
        owners.set(id, person);
      }
      if (owner === undefined || owner === person) {
        wrongSinceS.delete(person);
        isCounted.delete(person);
        continue;
      }
      const sinceS = wrongSinceS.get(person) ?? tS;
      wrongSinceS.set(person, sinceS);
      longestSwapS = Math.max(longestSwapS, tS - sinceS);
      if (tS - sinceS <= GRACE_S + EPSILON_S || isCounted.has(person)) continue;
      isCounted.add(person);
      lastingSwaps += 1;
    }
    if (clear.length < 2) continue;
    tileFrames += 1;
    if (areInTheirTiles(clear, slots, people)) tileRight += 1;
  }
  return { lastingSwaps, longestSwapS, freshIds, ids: owners.size, tileFrames, tileRight };
}

/** Farther from everybody else than a face is wide. */
function isApart({ person, face }: PersonTruth, everybody: readonly PersonTruth[]): boolean {
  return everybody.every((other) => other.person === person || distance(face, other.face) > face.width);
}

/** Who is followed just there; a track that is only predicted says nothing. */
function idOn(face: Box, people: readonly ShownPerson[]): number | undefined {
  let best: ShownPerson | undefined;
  for (const shown of people) {
    if (shown.state !== 'tracked' || iou(shown.box, face) < MATCH_IOU) continue;
    if (!best || iou(shown.box, face) > iou(best.box, face)) best = shown;
  }
  return best?.trackId;
}

/** Whether the tiles, from left to right, follow the people as they stand from left to right. */
function areInTheirTiles(
  truth: readonly PersonTruth[],
  slots: readonly (number | null)[],
  people: readonly ShownPerson[],
): boolean {
  const inOrder = [...truth].sort((a, b) => center(a.face).x - center(b.face).x);
  return inOrder.every(({ face }, slot) => {
    const shown = people.find(({ trackId }) => trackId === slots[slot]);
    if (!shown || iou(shown.box, face) === 0) return false;
    return truth.every((other) => distance(shown.box, face) <= distance(shown.box, other.face));
  });
}

function distance(a: Box, b: Box): number {
  const from = center(a);
  const to = center(b);
  return Math.hypot(to.x - from.x, to.y - from.y);
}
