import type { Box } from '../../shared/domain/box.js';

/** Standard deviations of the published filter, as fractions of the box height. */
const POSITION_STD = 1 / 20;
const VELOCITY_STD = 1 / 160;
/** The aspect ratio has its own, absolute ones. */
const ASPECT_STD = 1e-2;
const ASPECT_VELOCITY_STD = 1e-5;
const ASPECT_MEASUREMENT_STD = 1e-1;
/** How much less certain the first state is than a running one. */
const FIRST_POSITION_FACTOR = 2;
const FIRST_VELOCITY_FACTOR = 10;

/** Layout of the state: four axes (centre x, centre y, aspect w/h, height), five numbers each. */
const STRIDE = 5;
const VALUE = 0;
const VELOCITY = 1;
const VAR = 2;
const COVAR = 3;
const VELOCITY_VAR = 4;
const ASPECT = 2 * STRIDE;
const HEIGHT = 3 * STRIDE;

/** A box is never predicted smaller than this, pixels; keeps IoU meaningful on long predictions. */
const MIN_SIDE_PX = 1;

/**
 * Constant-velocity Kalman filter of one box, with the state and the noise of SORT, DeepSORT and
 * ByteTrack: (centre x, centre y, aspect, height) and their velocities.
 *
 * All matrices of the published 8-state filter are diagonal per axis, so it is exactly four independent
 * 2-state filters; these are computed here, without allocation.
 *
 * Time is counted in steps: one step is the published filter's frame. `predict(k)` for any real
 * k > 0 equals k published predictions: the process noise is the polynomial in k that the sum
 * over k frames gives, which keeps predict(a) then predict(b) equal to predict(a + b) (except for
 * the change of noise with the height meanwhile).
 *
 * Sources: Bewley et al. 2016 (1602.00763), Wojke et al. 2017 (1703.07402), Zhang et al. 2021
 * (2110.06864).
 */
export class BoxKalmanFilter {
  readonly #state = new Float64Array(4 * STRIDE);

  constructor(box: Box) {
    const state = this.#state;
    const height = box.height;
    state[0] = box.x + box.width / 2;
    state[STRIDE] = box.y + box.height / 2;
    state[ASPECT] = box.width / height;
    state[HEIGHT] = height;
    const valueVar = (FIRST_POSITION_FACTOR * POSITION_STD * height) ** 2;
    const velocityVar = (FIRST_VELOCITY_FACTOR * VELOCITY_STD * height) ** 2;
    for (let axis = 0; axis < 4 * STRIDE; axis += STRIDE) {
      state[axis + VAR] = axis === ASPECT ? ASPECT_STD ** 2 : valueVar;
      state[axis + VELOCITY_VAR] = axis === ASPECT ? ASPECT_VELOCITY_STD ** 2 : velocityVar;
    }
  }

  /** Predicts the state `steps` > 0 frames later. */
  predict(steps: number): void {
    const state = this.#state;
    const height = state[HEIGHT]!;
    const positionNoise = (POSITION_STD * height) ** 2;
    const velocityNoise = (VELOCITY_STD * height) ** 2;
    for (let axis = 0; axis < 4 * STRIDE; axis += STRIDE) {
      const qp = axis === ASPECT ? ASPECT_STD ** 2 : positionNoise;
      const qv = axis === ASPECT ? ASPECT_VELOCITY_STD ** 2 : velocityNoise;
      const covar = state[axis + COVAR]!;
      const velocityVar = state[axis + VELOCITY_VAR]!;
      state[axis + VALUE] = state[axis + VALUE]! + steps * state[axis + VELOCITY]!;
      state[axis + VAR] =
        state[axis + VAR]! +
        2 * steps * covar +
        steps * steps * velocityVar +
        steps * qp +
        ((steps * (steps - 1) * (2 * steps - 1)) / 6) * qv;
      state[axis + COVAR] = covar + steps * velocityVar + ((steps * (steps - 1)) / 2) * qv;
      state[axis + VELOCITY_VAR] = velocityVar + steps * qv;
    }
  }

  /** Corrects the state by a detection's box, pixels. */
  update(box: Box): void {
    const state = this.#state;
    const noise = (POSITION_STD * state[HEIGHT]!) ** 2;
    this.#correct(0, box.x + box.width / 2, noise);
    this.#correct(STRIDE, box.y + box.height / 2, noise);
    this.#correct(ASPECT, box.width / box.height, ASPECT_MEASUREMENT_STD ** 2);
    this.#correct(HEIGHT, box.height, noise);
  }

  /** Sets the velocity of the height to 0: the box of a person out of sight must not grow or shrink. */
  holdSize(): void {
    this.#state[HEIGHT + VELOCITY] = 0;
  }

  /** Shifts the position by pixels, as when the camera moved. */
  translate(dx: number, dy: number): void {
    this.#state[0]! += dx;
    this.#state[STRIDE]! += dy;
  }

  /** The box `steps` ≥ 0 frames later, pixels; the state stays as it is. */
  box(steps = 0): Box {
    const height = Math.max(MIN_SIDE_PX, this.#at(HEIGHT, steps));
    const width = Math.max(MIN_SIDE_PX, this.#at(ASPECT, steps) * height);
    return { x: this.#at(0, steps) - width / 2, y: this.#at(STRIDE, steps) - height / 2, width, height };
  }

  /** Standard deviation of a measured centre around the expected one, pixels, for x and y alike. */
  innovationStd(): number {
    return Math.sqrt(this.#state[VAR]! + (POSITION_STD * this.#state[HEIGHT]!) ** 2);
  }

  #at(axis: number, steps: number): number {
    return this.#state[axis]! + steps * this.#state[axis + VELOCITY]!;
  }

  #correct(axis: number, measured: number, noise: number): void {
    const state = this.#state;
    const variance = state[axis + VAR]!;
    const covar = state[axis + COVAR]!;
    const innovationVar = variance + noise;
    const innovation = measured - state[axis]!;
    state[axis + VALUE] = state[axis]! + (variance / innovationVar) * innovation;
    state[axis + VELOCITY] = state[axis + VELOCITY]! + (covar / innovationVar) * innovation;
    state[axis + VAR] = (variance * noise) / innovationVar;
    state[axis + COVAR] = (covar * noise) / innovationVar;
    state[axis + VELOCITY_VAR] = state[axis + VELOCITY_VAR]! - (covar * covar) / innovationVar;
  }
}
