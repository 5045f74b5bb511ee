import type { Size } from '../../../shared/domain/box.js';
import type { Track } from '../../../shared/domain/track.js';
import { EasedValue } from '../../domain/eased-value.js';
import { headOf, type Head } from '../../domain/head.js';
import type { PresetNumbers } from '../../domain/shot-presets.js';
import { GazeSide } from './gaze-side.js';

/** A lost person's prediction is believed for this long, s, as in the framing. */
const FOLLOW_LOST_S = 0.3;
/** Time constant of the estimated speed, s: lower follows sooner, higher lets less noise in. */
const SPEED_S = 0.2;
/** Somebody slower than this, heads a second, stands; one faster than the second number walks. */
const STILL_HEADS_PER_S = 0.4;
const WALK_HEADS_PER_S = 0.7;
/** Time constant with which the room in front of a person opens, s: higher is calmer. */
const ROOM_S = 0.35;
/** Somebody whose head is out of the picture in so many seconds, if they walk on, walks out: before that it is still seen. */
const WALKING_OUT_S = 0.1;
/** A head nearer to the left or right edge than this, in heads, has just come in there, or leaves there. */
const EDGE_HEADS = 1.2;

/** Where one person's head is and how it moves. Time comes in as PTS, seconds; pixels are those of the source. */
export class PersonMotion {
  #head: Head;
  #seenS: number;
  #nowS: number;
  #speedX = 0;
  #speedY = 0;
  #stillSinceS: number | undefined;
  readonly #gaze = new GazeSide();
  readonly #look = new EasedValue(0, ROOM_S);
  /** Which way the person walks, -1 to the left … 1 to the right. */
  #walk = 0;
  /** Out of sight: the speed is that of the moment when the person was lost. */
  #isLost = false;

  constructor(track: Track, nowS: number) {
    this.#head = headOf(track);
    this.#nowS = nowS;
    this.#seenS = track.seenPtsMs / 1000;
  }

  /** The head, where it was last seen. */
  get head(): Head {
    return this.#head;
  }

  /** When the person was last detected, s. */
  get seenS(): number {
    return this.#seenS;
  }

  /** Takes in a frame; `track` is absent where the person has none any more, `room` is to be in front of the person. */
  update(track: Track | undefined, nowS: number, room: Pick<PresetNumbers, 'walkRoom' | 'gazeRoom'>): void {
    const dtS = nowS - this.#nowS;
    if (dtS <= 0) return;
    this.#nowS = nowS;
    if (track) this.#seenS = Math.max(this.#seenS, track.seenPtsMs / 1000);
    if (!track || nowS - this.#seenS > FOLLOW_LOST_S) {
      // A prediction without detections drifts: the last position is the better guess.
      this.#isLost = true;
      return;
    }
    const head = headOf(track);
    if (this.#isLost) [this.#isLost, this.#head, this.#speedX, this.#speedY] = [false, head, 0, 0];
    const share = 1 - Math.exp(-dtS / SPEED_S);
    this.#speedX += share * ((head.x - this.#head.x) / dtS - this.#speedX);
    this.#speedY += share * ((head.eyesY - this.#head.eyesY) / dtS - this.#speedY);
    this.#head = head;
    if (this.#headsPerS < STILL_HEADS_PER_S) this.#stillSinceS ??= nowS;
    else this.#stillSinceS = undefined;
    this.#gaze.update(track.gaze, dtS);
    const sideways = this.#speedX / head.height;
    if (Math.abs(sideways) > WALK_HEADS_PER_S) this.#walk = Math.sign(sideways);
    else if (Math.abs(sideways) < STILL_HEADS_PER_S) this.#walk = 0;
    this.#look.update(dtS, this.#walk === 0 ? room.gazeRoom * this.#gaze.side : room.walkRoom * this.#walk);
  }

  /** How far a tile should be ahead of the person, who walks or looks to a side; fraction of its width, to the right. */
  get look(): number {
    return this.#look.value;
  }

  /** Where the head will be in `aheadS` seconds, if the person walks on. */
  ahead(aheadS: number): Head {
    if (this.#isLost) return this.#head;
    const { x, eyesY, height } = this.#head;
    return { x: x + this.#speedX * aheadS, eyesY: eyesY + this.#speedY * aheadS, height };
  }

  /** For how long the person has stood, s; 0 while they walk. */
  get stillS(): number {
    return this.#stillSinceS === undefined ? 0 : this.#nowS - this.#stillSinceS;
  }

  /** Whether the person is in sight, or was a moment ago. */
  get isSeen(): boolean {
    return !this.#isLost;
  }

  /** Whether the person walks. */
  get isWalking(): boolean {
    return !this.#isLost && this.#headsPerS > WALK_HEADS_PER_S;
  }

  /**
   * Whether the person walks out of the picture, over its left or right edge, and their head is outside in a moment, or
   * was lost there on the way out.
   */
  hasWalkedOut(picture: Size): boolean {
    if (!this.#isLost) {
      const { x } = this.ahead(WALKING_OUT_S);
      return this.isWalking && (x < 0 || x > picture.width);
    }
    if (!this.isAtEdge(picture)) return false;
    const outwards = this.#head.x < picture.width / 2 ? -this.#speedX : this.#speedX;
    return outwards > STILL_HEADS_PER_S * this.#head.height;
  }

  /** For how long nobody has seen the person, s. */
  get unseenS(): number {
    return this.#nowS - this.#seenS;
  }

  /** Whether the head is at the left or right edge of the picture. */
  isAtEdge({ width }: Size): boolean {
    return Math.min(this.#head.x, width - this.#head.x) < EDGE_HEADS * this.#head.height;
  }

  /** Whether `other` may be the same person, found again under another id. */
  isNear(other: PersonMotion): boolean {
    const [a, b] = [this.#head, other.#head];
    return Math.hypot(a.x - b.x, a.eyesY - b.eyesY) < 1.5 * Math.max(a.height, b.height);
  }

  get #headsPerS(): number {
    return Math.hypot(this.#speedX, this.#speedY) / this.#head.height;
  }
}
