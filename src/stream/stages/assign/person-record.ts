import { center, type Box } from '../../../shared/domain/box.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';

export interface PersonUpdate {
  readonly nowS: number;
  /** Of the source picture, pixels. */
  readonly width: number;
  /** Height of the tallest box in the picture, pixels. */
  readonly tallest: number;
  /** Time constant of the smoothed position, s. */
  readonly smoothingS: number;
}

/** Interest grows with the time a person has been there: 63 % after this, s. */
const DWELL_S = 5;
const DWELL_WEIGHT = 0.4;
const SIZE_WEIGHT = 0.4;
const CENTRALITY_WEIGHT = 0.2;
/** Time constant of the interest, s: a gesture or a wrong box does not earn a tile. */
const INTEREST_S = 1;
/**
 * Walking up to this speed, picture widths a second, is followed without the lag of the smoothing:
 * who has walked past somebody is past them. What is faster is a jump and smoothed.
 */
const WALK_PER_S = 0.5;
/** Two boxes may be of one person when their heights differ by no more than this factor. */
const SAME_SIZE_FACTOR = 1.6;

/** What slots need to know of one person over time. */
export class PersonRecord {
  readonly id: TrackId;
  readonly bornS: number;
  /** PTS of the last detection, s. */
  seenS: number;
  /** Smoothed middle, fraction of the picture's width. */
  centerX: number;
  /** With whom this person last changed tiles for the side they stand on, and when, s. */
  changedSides: { readonly with: TrackId; readonly atS: number } | undefined;
  /** How much this person deserves a tile, in [0, 1]. */
  interest = 0;
  /** Whether the track was matched in the latest detections. */
  isFollowed = false;
  /** Whether the tracker still knows the track. */
  isPresent = true;
  /** Since when this person has been asking for somebody's tile, s. */
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

  update(track: Track, { nowS, width, tallest, smoothingS }: PersonUpdate): void {
    this.seenS = track.seenPtsMs / 1000;
    this.isPresent = true;
    this.isFollowed = track.state === 'tracked';
    // The prediction of a lost person drifts; the place where they were last seen does not.
    if (!this.isFollowed) return;
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

  /** Whether `track`, which is this person's now, lies where the other one was. */
  hasPlaceOf(other: PersonRecord, { box }: Track): boolean {
    const [own, others] = [this.#box, other.#box].map(
      (before) => Math.abs(center(box).x - center(before).x) / before.width,
    ) as [number, number];
    return own > 1 && others < 0.5;
  }

  /** The two were taken for each other: each has been where the other was. */
  exchangePlaces(other: PersonRecord): void {
    [this.centerX, other.centerX] = [other.centerX, this.centerX];
    [this.#box, other.#box] = [other.#box, this.#box];
    [this.#width, other.#width] = [other.#width, this.#width];
  }

  /** The tracker has given the track up. */
  leave(): void {
    this.isPresent = false;
    this.isFollowed = false;
  }

  /** Between the middles, fraction of the picture's width. */
  distanceTo(other: PersonRecord): number {
    return Math.abs(this.centerX - other.centerX);
  }

  /** Whether the other stands within a box of this one and is about as tall. */
  isSamePlace(other: PersonRecord): boolean {
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
