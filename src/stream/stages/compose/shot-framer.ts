import type { Box, Size } from '../../../shared/domain/box.js';
import { FollowAxis, type FollowLimits, type Observation } from './follow-axis.js';
import type { Head } from './head.js';

/** How people are framed. */
export interface ShotOptions {
  /**
   * Space above the hair, fraction of the tile's height, 0 … 0.4. Higher puts the head lower in the tile, lower
   * puts it nearer to the upper edge. @defaultValue 0.12
   */
  readonly headroomRatio?: number;
  /**
   * Height of the head, fraction of the tile's height, 0.1 … 0.8. Higher is a closer shot, lower a wider one.
   * @defaultValue 0.38
   */
  readonly headRatio?: number;
  /**
   * How slowly a shot follows, s, > 0. Lower follows sooner and moves more, higher is calmer and may lose people
   * who walk. @defaultValue 0.6
   */
  readonly smoothingS?: number;
  /**
   * Output pixels per source pixel at most, ≥ 1; limits `headRatio`. Higher shows distant people larger and less
   * sharp, lower makes their shots wider. @defaultValue 3
   */
  readonly maxZoom?: number;
}

/** Lowest position of the eyes, fraction of the height; in a close-up the hair is cut instead. */
const LOWEST_EYES_RATIO = 0.45;
/** A shot slows down over this share of its size before it stops at the edge of the picture. */
const EDGE_KNEE_RATIO = 0.08;

/** Dead zones and speeds below are in heads, the limits of movement in heights of the shot. */
const DEAD_ZONE_HEADS = 0.15;
const STILL_HEADS_PER_S = 0.15;
const URGENT_SHOTS = 0.1;
const MAX_SHOTS_PER_S = 3;
const MAX_SHOTS_PER_S2 = 20;

/** The size of the head is followed as a logarithm, so its limits are ratios. */
const SIZE_LIMITS: FollowLimits = {
  deadZone: 0.15,
  stillSpeed: 0.08,
  urgentDistance: 0.5,
  maxSpeed: 1,
  maxAcceleration: 3,
};
/** Zooming follows this many times more slowly than panning. */
const ZOOM_SLOWNESS = 1.6;

/**
 * Frames one person: head and shoulders, the eyes near the upper third, space above the hair, at rest while the
 * person is nearly still, following without lag when they walk. The shot does not depend on its tile: `crop`
 * fits it to any aspect.
 */
export class ShotFramer {
  readonly #options: ShotOptions;
  readonly #x: FollowAxis;
  readonly #eyesY: FollowAxis;
  readonly #logHeight: FollowAxis;

  constructor(head: Head, options: ShotOptions = {}) {
    this.#options = options;
    const smoothingS = this.#smoothingS;
    this.#x = new FollowAxis(head.x, smoothingS);
    this.#eyesY = new FollowAxis(head.eyesY, smoothingS);
    this.#logHeight = new FollowAxis(Math.log(head.height), smoothingS * ZOOM_SLOWNESS);
  }

  /** Moves the shot on by `dtS` ≥ 0 seconds. */
  update(dtS: number, head: Observation<Head>): void {
    const height = Math.exp(this.#logHeight.value);
    const shot = height / this.#headRatio;
    const limits: FollowLimits = {
      deadZone: DEAD_ZONE_HEADS * height,
      stillSpeed: STILL_HEADS_PER_S * height,
      urgentDistance: URGENT_SHOTS * shot,
      maxSpeed: MAX_SHOTS_PER_S * shot,
      maxAcceleration: MAX_SHOTS_PER_S2 * shot,
    };
    this.#x.smoothingS = this.#smoothingS;
    this.#eyesY.smoothingS = this.#smoothingS;
    this.#logHeight.smoothingS = this.#smoothingS * ZOOM_SLOWNESS;
    const seen = typeof head === 'object';
    this.#x.update(dtS, seen ? head.x : head, limits);
    this.#eyesY.update(dtS, seen ? head.eyesY : head, limits);
    this.#logHeight.update(dtS, seen ? Math.log(head.height) : head, SIZE_LIMITS);
  }

  get #headroomRatio(): number {
    return this.#options.headroomRatio ?? 0.12;
  }

  get #headRatio(): number {
    return this.#options.headRatio ?? 0.38;
  }

  get #smoothingS(): number {
    return this.#options.smoothingS ?? 0.6;
  }

  get #maxZoom(): number {
    return this.#options.maxZoom ?? 3;
  }

  /** Whether `head` has about the estimated position and size of this shot's person, so that it may be the same one. */
  isNear(head: Head): boolean {
    const height = Math.exp(this.#logHeight.subject);
    return (
      Math.hypot(head.x - this.#x.subject, head.eyesY - this.#eyesY.subject) < height &&
      Math.abs(Math.log(head.height) - this.#logHeight.subject) < Math.LN2 / 2
    );
  }

  /**
   * The part of the picture to show in a tile of this size, pixels with fractions: of exactly the tile's aspect,
   * inside the picture (shifted first, then shrunk), enlarged by at most `maxZoom` unless the picture itself is
   * too small for that.
   *
   * @param tile - output pixels
   * @param picture - size of the source picture
   */
  crop(tile: Size, picture: Size): Box {
    const headHeight = Math.exp(this.#logHeight.value);
    const wanted = Math.max(headHeight / this.#headRatio, tile.height / this.#maxZoom);
    const height = Math.min(wanted, picture.height, (picture.width * tile.height) / tile.width);
    const width = (height * tile.width) / tile.height;
    const eyesRatio = this.#eyesRatio(headHeight / height);
    return {
      x: softClamp(this.#x.value - width / 2, picture.width - width, EDGE_KNEE_RATIO * width),
      y: softClamp(this.#eyesY.value - eyesRatio * height, picture.height - height, EDGE_KNEE_RATIO * height),
      width,
      height,
    };
  }

  /** Height of the eyes in the shot: as configured, lower where a large head needs its headroom. */
  #eyesRatio(headRatio: number): number {
    const usual = this.#headroomRatio + this.#headRatio / 2;
    const withHeadroom = this.#headroomRatio + headRatio / 2;
    return Math.max(usual, Math.min(withHeadroom, LOWEST_EYES_RATIO));
  }
}

/** Keeps `value` in [0, most], with a smooth bend within `knee` of either end. */
function softClamp(value: number, most: number, knee: number): number {
  const range = Math.max(0, most);
  const bend = Math.min(knee, range / 2);
  const fromLow = softFloor(value, bend);
  return range - softFloor(range - fromLow, bend);
}

/** max(0, value), smoothed by a parabola within `bend` of 0. */
function softFloor(value: number, bend: number): number {
  if (value >= bend) return value;
  if (value <= -bend) return 0;
  return (value + bend) ** 2 / (4 * bend);
}
