import type { Box, Size } from '../../../shared/domain/box.js';
import { EasedValue } from '../../domain/eased-value.js';
import { cropOfHead, HEAD_FRAMING, type HeadFraming, type HeadPlace } from '../../domain/head-crop.js';
import { FollowAxis, type FollowLimits, type Observation } from './follow-axis.js';
import type { Head } from '../../domain/head.js';

/** How people are framed. */
export interface ShotOptions extends HeadFraming {
  /**
   * How slowly a shot follows, s, > 0. Lower follows sooner and moves more, higher is calmer and may lose people
   * who walk. @defaultValue 0.6
   */
  readonly smoothingS?: number;
  /** Heads that a person moves before the shot follows, > 0. Higher rests more. @defaultValue 0.15 */
  readonly positionDeadZone?: number;
  /**
   * Change of the head's size, as a natural logarithm, before the shot zooms, > 0. Higher rests more.
   * @defaultValue 0.15
   */
  readonly zoomDeadZone?: number;
}

/** On average over some seconds eyes and size are no farther away than these shares of the dead zones. */
const SLOW_EYES_SHARE = 0.25;
const SLOW_ZOOM_SHARE = 0.4;
/** Speeds below are in heads, the limits of movement in heights of the shot. */
const STILL_HEADS_PER_S = 0.15;
const URGENT_SHOTS = 0.1;
const MAX_SHOTS_PER_S = 3;
const MAX_SHOTS_PER_S2 = 20;

/** The size of the head is followed as a logarithm, so its limits are ratios. */
const sizeLimits = (deadZone: number): FollowLimits => ({
  deadZone,
  slowDeadZone: SLOW_ZOOM_SHARE * deadZone,
  stillSpeed: 0.08,
  urgentDistance: 0.5,
  maxSpeed: 1,
  maxAcceleration: 3,
});
/** Of a head and a shot that are so high, pixels. */
const positionLimits = (head: number, shot: number, deadZone: number, slowDeadZone: number): FollowLimits => ({
  deadZone,
  slowDeadZone,
  stillSpeed: STILL_HEADS_PER_S * head,
  urgentDistance: URGENT_SHOTS * shot,
  maxSpeed: MAX_SHOTS_PER_S * shot,
  maxAcceleration: MAX_SHOTS_PER_S2 * shot,
});
/** Zooming follows this many times more slowly than panning. */
const ZOOM_SLOWNESS = 1.6;
/** Time constant with which a head goes to another place in its tile, s. */
const PLACE_S = 0.2;
/** The same of the room in front of a person, which opens smoothly of itself, at the rate of the source. */
const LOOK_S = 0.1;

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
  /** Where the head is to lie in its tile, as {@link HeadPlace} has it; of its height the logarithm. */
  #place: Readonly<Record<'logRatio' | 'eyesShift' | 'look', EasedValue>> | undefined;

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
    const { positionDeadZone = 0.15, zoomDeadZone = 0.15 } = this.#options;
    const deadZone = positionDeadZone * height;
    this.#x.smoothingS = this.#smoothingS;
    this.#eyesY.smoothingS = this.#smoothingS;
    this.#logHeight.smoothingS = this.#smoothingS * ZOOM_SLOWNESS;
    const seen = typeof head === 'object';
    this.#x.update(dtS, seen ? head.x : head, positionLimits(height, shot, deadZone, Infinity));
    const eyesLimits = positionLimits(height, shot, deadZone, SLOW_EYES_SHARE * deadZone);
    this.#eyesY.update(dtS, seen ? head.eyesY : head, eyesLimits);
    this.#logHeight.update(dtS, seen ? Math.log(head.height) : head, sizeLimits(zoomDeadZone));
  }

  /**
   * The head is to lie there in its tile, moved on by `dtS` ≥ 0 seconds; the first time it is there at once.
   *
   * @param isAtOnce - whether it goes there without a movement
   */
  placeAt({ headRatio = this.#headRatio, eyesShift = 0, look = 0 }: HeadPlace, dtS: number, isAtOnce: boolean): void {
    const targets = { logRatio: Math.log(headRatio), eyesShift, look };
    this.#place ??= {
      logRatio: new EasedValue(targets.logRatio, PLACE_S),
      eyesShift: new EasedValue(eyesShift, PLACE_S),
      look: new EasedValue(look, LOOK_S),
    };
    for (const axis of ['logRatio', 'eyesShift', 'look'] as const) {
      if (isAtOnce) this.#place[axis].snap(targets[axis]);
      else this.#place[axis].update(dtS, targets[axis]);
    }
  }

  get #headRatio(): number {
    return this.#options.headRatio ?? HEAD_FRAMING.headRatio;
  }

  get #smoothingS(): number {
    return this.#options.smoothingS ?? 0.6;
  }

  /** The head as the camera has it now: where it is framed. */
  get head(): Head {
    return { x: this.#x.value, eyesY: this.#eyesY.value, height: Math.exp(this.#logHeight.value) };
  }

  /** Whether `head` has about the estimated position and size of this shot's person, so that it may be the same one. */
  isNear(head: Head): boolean {
    const height = Math.exp(this.#logHeight.subject);
    return (
      Math.hypot(head.x - this.#x.subject, head.eyesY - this.#eyesY.subject) < height &&
      Math.abs(Math.log(head.height) - this.#logHeight.subject) < Math.LN2 / 2
    );
  }

  /** The part of the picture to show in a tile of this size; see {@link cropOfHead}. */
  crop(tile: Size, picture: Size): Box {
    const place = this.#place && {
      headRatio: Math.exp(this.#place.logRatio.value),
      eyesShift: this.#place.eyesShift.value,
      look: this.#place.look.value,
    };
    return cropOfHead(this.head, tile, picture, this.#options, place);
  }
}
