/** Limits of an axis at one moment, in its own unit. */
export interface FollowLimits {
  /** While the subject is nearer than this to the resting position, the camera does not move. Higher rests more. */
  readonly deadZone: number;
  /**
   * The camera moves as well when the subject is away from the resting position by more than this on average over
   * some seconds. Higher rests more, lower is more exact. @defaultValue never
   */
  readonly slowDeadZone?: number;
  /** With a subject slower than this, units a second, the camera comes to rest. Higher rests sooner. */
  readonly stillSpeed: number;
  /** At this distance the camera follows most stiffly. Lower follows large movements sooner. */
  readonly urgentDistance: number;
  /** Largest speed of the camera, units a second. */
  readonly maxSpeed: number;
  /** Largest acceleration of the camera, units a second². Lower is smoother and slower. */
  readonly maxAcceleration: number;
}

/**
 * An observation of the subject: where it is, `unchanged` where there is no new one (it moves on as before), or
 * `undefined` where it is out of sight (the camera comes to rest).
 */
export type Observation<T> = T | 'unchanged' | undefined;

/** Time constant of the subject's estimate, s: lower follows sooner, higher lets less noise in. */
const ESTIMATE_S = 0.07;
/** Time constant with which the speed of a subject out of sight decays, s. */
const FORGET_SPEED_S = 0.15;
/** Time constant of the average position, s: higher takes what comes and goes for no change. */
const SLOW_S = 2;
/** The subject has to be still for this long before the camera rests, s. */
const REST_AFTER_S = 0.4;
/** Stiffness is multiplied by up to 1 + this at `urgentDistance`. */
const URGENCY = 2;
/** Share of the subject's speed that is fed forward; a little under 1 overshoots less. */
const FEED_FORWARD = 0.95;
/** Damping is this much stronger while the camera is faster than its subject, for the same reason. */
const BRAKING = 2;
/** Time constant of the acceleration, as a share of 1 / stiffness: movement starts and stops smoothly. */
const ONSET = 0.12;
/** Longest step of the integration, s; keeps the spring stable after a gap between frames. */
const MAX_STEP_S = 1 / 120;
/** After a gap longer than this, s, the camera moves on as if it had been this long. */
const MAX_GAP_S = 1;

/**
 * One axis of a virtual camera: at rest while the subject is nearly still, then following without lag, and
 * at rest again.
 *
 * Estimate: a critically damped g-h filter (fading memory, first degree: g = 1 − θ²,
 * h = (1 − θ)², θ = e^(−Δt/τ); Brookner 1998, 1.2.6), which gives position and speed for uneven
 * sampling. Movement: a critically damped spring towards the estimate with the subject's speed fed
 * forward, so steady walking is followed almost without error; it brakes harder than it accelerates, speed and
 * acceleration are limited, and the acceleration changes smoothly. No clock: time comes in as differences.
 */
export class FollowAxis {
  #stiffness = 0;
  /** Estimate of the subject's position, and its speed. */
  #subject: number;
  #subjectSpeed = 0;
  /** Where the camera is. */
  #value: number;
  #speed = 0;
  #acceleration = 0;
  /** Average of the subject's position. */
  #slow: number;
  #isFollowing = false;
  /** Where the camera rests while it does not follow. */
  #anchor: number;
  #stillS = 0;

  /**
   * Begins at rest, on the subject.
   *
   * @param value - position of the subject
   * @param smoothingS - time in which a step of the subject is followed by about 60 %, s, > 0; lower follows
   *   sooner, higher moves less
   */
  constructor(value: number, smoothingS: number) {
    this.smoothingS = smoothingS;
    this.#subject = value;
    this.#value = value;
    this.#anchor = value;
    this.#slow = value;
  }

  /** As given to the constructor; may change on the way. */
  set smoothingS(smoothingS: number) {
    this.#stiffness = 2 / smoothingS;
  }

  /** Position of the camera. */
  get value(): number {
    return this.#value;
  }

  /** Estimated position of the subject, to which the camera moves. */
  get subject(): number {
    return this.#subject;
  }

  /** Moves on by `dtS` ≥ 0 seconds. */
  update(dtS: number, measured: Observation<number>, limits: FollowLimits): void {
    if (dtS <= 0) return;
    if (measured === undefined) this.#subjectSpeed *= Math.exp(-dtS / FORGET_SPEED_S);
    else if (measured === 'unchanged') this.#subject += this.#subjectSpeed * dtS;
    else this.#estimate(dtS, measured);
    this.#slow += (1 - Math.exp(-dtS / SLOW_S)) * (this.#subject - this.#slow);
    this.#choose(dtS, limits);

    const spanS = Math.min(dtS, MAX_GAP_S);
    const steps = Math.ceil(spanS / MAX_STEP_S);
    for (let step = 0; step < steps; step += 1) this.#move(spanS / steps, limits);
  }

  #estimate(dtS: number, measured: number): void {
    const theta = Math.exp(-dtS / ESTIMATE_S);
    const predicted = this.#subject + this.#subjectSpeed * dtS;
    const residual = measured - predicted;
    this.#subject = predicted + (1 - theta * theta) * residual;
    this.#subjectSpeed += ((1 - theta) ** 2 / dtS) * residual;
  }

  #choose(dtS: number, { deadZone, slowDeadZone = Infinity, stillSpeed }: FollowLimits): void {
    if (!this.#isFollowing) {
      const isAway = Math.abs(this.#subject - this.#anchor) > deadZone;
      this.#isFollowing = isAway || Math.abs(this.#slow - this.#anchor) > slowDeadZone;
      this.#stillS = 0;
      return;
    }
    const isThere = Math.abs(this.#subject - this.#value) < Math.min(deadZone / 4, slowDeadZone / 2);
    const isStill = isThere && Math.abs(this.#subjectSpeed) < stillSpeed;
    this.#stillS = isStill ? this.#stillS + dtS : 0;
    if (this.#stillS >= REST_AFTER_S) {
      this.#isFollowing = false;
      this.#anchor = this.#value;
      this.#slow = this.#value;
    }
  }

  #move(stepS: number, limits: FollowLimits): void {
    const target = this.#isFollowing ? this.#subject : this.#anchor;
    const targetSpeed = this.#isFollowing ? FEED_FORWARD * this.#subjectSpeed : 0;
    const error = target - this.#value;
    const slip = targetSpeed - this.#speed;
    const damping = slip * this.#speed < 0 ? BRAKING : 1;
    const urgency = this.#isFollowing ? Math.min(1, Math.abs(error) / limits.urgentDistance) : 0;
    const stiffness = this.#stiffness * (1 + URGENCY * urgency);
    const wanted = limit(stiffness * stiffness * error + 2 * damping * stiffness * slip, limits.maxAcceleration);
    this.#acceleration += (1 - Math.exp((-stepS * this.#stiffness) / ONSET)) * (wanted - this.#acceleration);
    this.#speed = limit(this.#speed + this.#acceleration * stepS, limits.maxSpeed);
    this.#value += this.#speed * stepS;
  }
}

function limit(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}
