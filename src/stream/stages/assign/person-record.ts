import { center, type Box } from '../../../shared/domain/box.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';

/** What an update of a record needs beside the track. */
export interface PersonUpdate {
  /** PTS of the frame, s. */
  readonly nowS: number;
  /** Of the source picture, pixels. */
  readonly width: number;
  /** Height of the tallest box in the picture, pixels. */
  readonly tallest: number;
  /** Time constant of the smoothed position, s. */
  readonly smoothingS: number;
}

/** Interest grows with the time for which a person is there: 63 % after this, s. */
const DWELL_S = 5;
const DWELL_WEIGHT = 0.4;
const SIZE_WEIGHT = 0.4;
const CENTRALITY_WEIGHT = 0.2;
/** Time constant of the interest, s: a gesture or a wrong box is not enough for a slot. */
const INTEREST_S = 1;
/**
 * Up to this speed, picture widths a second, movement is walking, and is taken over without the lag of the
 * smoothing; faster movement is a jump and smoothed.
 */
const WALK_PER_S = 0.5;
/** Two boxes may be of one person when their heights differ by no more than this factor. */
const SAME_SIZE_FACTOR = 1.6;

/** What the assignment of slots keeps of one person. */
export class PersonRecord {
  /** The person's identity. */
  readonly id: TrackId;
  /** PTS of the first detection, s. */
  readonly bornS: number;
  /** PTS of the last detection, s. */
  seenS: number;
  /** Smoothed centre, fraction of the picture's width. */
  centerX: number;
  /** With whom this person last exchanged slots because they changed sides, and when, s. */
  changedSides: { readonly with: TrackId; readonly atS: number } | undefined;
  /** How interesting this person is, in [0, 1]: dwell, size, centrality. */
  interest = 0;
  /** Whether the track was matched in the latest detections. */
  isTracked = false;
  /** Whether this person was known before this track began. */
  isRecognised = false;
  /** Whether the tracker still knows the track. */
  isPresent = true;
  /** PTS since which this person has been more interesting than one with a slot, s. */
  challengingSinceS: number | undefined;
  #box: Box;
  /** Of the picture that `#box` belongs to, pixels. */
  #width: number;
  #updatedS: number | undefined;

  constructor(track: Track, width: number) {
    this.id = track.id;
    this.bornS = track.bornPtsMs / 1000;
    this.seenS = track.seenPtsMs / 1000;
    this.centerX = center(track.box).x / width;
    this.#box = track.box;
    this.#width = width;
  }

  /** Takes in the track of one frame. */
  update(track: Track, { nowS, width, tallest, smoothingS }: PersonUpdate): void {
    this.seenS = track.seenPtsMs / 1000;
    this.isPresent = true;
    this.isTracked = track.state === 'tracked';
    this.isRecognised = track.isRecognised === true;
    // The prediction of a lost person drifts; the position of the last detection does not.
    if (!this.isTracked) return;
    const centerX = center(track.box).x / width;
    const step = centerX - center(this.#box).x / this.#width;
    this.#box = track.box;
    this.#width = width;
    const dwell = 1 - Math.exp((this.bornS - nowS) / DWELL_S);
    const centrality = Math.max(0, 1 - Math.abs(2 * centerX - 1));
    const interest = DWELL_WEIGHT * dwell + SIZE_WEIGHT * (track.box.height / tallest) + CENTRALITY_WEIGHT * centrality;
    const sinceS = this.#updatedS === undefined ? Number.POSITIVE_INFINITY : nowS - this.#updatedS;
    this.#updatedS = nowS;
    this.centerX += Math.sign(step) * Math.min(Math.abs(step), WALK_PER_S * sinceS);
    this.centerX += (1 - Math.exp(-sinceS / smoothingS)) * (centerX - this.centerX);
    this.interest += (1 - Math.exp(-sinceS / INTEREST_S)) * (interest - this.interest);
  }

  /** Width of the box, fraction of the picture's width. */
  get widthRatio(): number {
    return this.#box.width / this.#width;
  }

  /** Whether `track`, which is this person's now, is in the position that the other one had. */
  hasPositionOf(other: PersonRecord, { box }: Track): boolean {
    const [own, others] = [this.#box, other.#box].map(
      (before) => Math.abs(center(box).x - center(before).x) / before.width,
    ) as [number, number];
    return own > 1 && others < 0.5;
  }

  /** The tracker had swapped the two: each gets the other's position. */
  exchangePositions(other: PersonRecord): void {
    [this.centerX, other.centerX] = [other.centerX, this.centerX];
    [this.#box, other.#box] = [other.#box, this.#box];
    [this.#width, other.#width] = [other.#width, this.#width];
  }

  /** The track was removed. */
  leave(): void {
    this.isPresent = false;
    this.isTracked = false;
  }

  /** Between the smoothed centres, fraction of the picture's width. */
  distanceTo(other: PersonRecord): number {
    return Math.abs(this.centerX - other.centerX);
  }

  /** Whether the other is within one box of this one and about as tall. */
  isSamePosition(other: PersonRecord): boolean {
    const a = center(this.#box);
    const b = center(other.#box);
    const ratio = this.#box.height / other.#box.height;
    return (
      this.#width === other.#width &&
      Math.abs(a.x - b.x) <= this.#box.width &&
      Math.abs(a.y - b.y) <= this.#box.height &&
      Math.max(ratio, 1 / ratio) <= SAME_SIZE_FACTOR
    );
  }
}
