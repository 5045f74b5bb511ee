import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Frame } from '../../../shared/domain/frame.js';
import { CalmWatch } from './calm-watch.js';
import type { SmallPicture } from './changed-squares.js';
import { DetectionClock } from './detection-clock.js';
import { DetectionRate, type DetectionRateOptions } from './detection-rate.js';

/** The frame that detections belong to. */
export type DetectedPicture = Pick<Frame, 'handle' | 'width' | 'height'>;

/** How often to detect, and what decides it. */
export interface DetectionPaceOptions extends DetectionRateOptions {
  /** Detections a second that there is time for, > 0, of those that are due. @defaultValue all of them */
  readonly affordable?: ((maxFps: number) => number) | undefined;
  /**
   * The frame, small, by which a calm scene is watched between detections of faces; `undefined` of frames that it
   * cannot be made of. @defaultValue scenes with faces are never calm
   */
  readonly sketch?: ((frame: DetectedPicture) => SmallPicture | undefined) | undefined;
}

/** After a change there are `maxFps` detections a second for so long, ms of PTS: a face may be missed at first. */
const AWAKE_MS = 300;

/**
 * Which frames are detected on: `maxFps` a second, `calmFps` in a calm scene. A face may come, turn or move between two
 * detections, so that there the first frame with a change is detected on as well.
 */
export class DetectionPace {
  readonly #options: DetectionPaceOptions;
  readonly #rate: DetectionRate;
  readonly #clock: DetectionClock;
  readonly #watch = new CalmWatch();
  #awakeUntilMs = Number.NEGATIVE_INFINITY;

  /** Begins with the first frame; the options are read anew each time: they may change on the way. */
  constructor(options: DetectionPaceOptions) {
    this.#options = options;
    this.#rate = new DetectionRate(options);
    this.#clock = new DetectionClock(this.#rate.fps);
  }

  /** Whether this frame is detected on. */
  take(frame: DetectedPicture & Pick<Frame, 'ptsMs'>): boolean {
    const isWatched = this.#rate.isCalm && this.#rate.isOfFaces;
    const picture = isWatched ? this.#options.sketch?.(frame) : undefined;
    if (isWatched && this.#watch.hasChanged(picture)) this.#awakeUntilMs = frame.ptsMs + AWAKE_MS;
    const fps = frame.ptsMs < this.#awakeUntilMs ? this.#options.maxFps : this.#rate.fps;
    this.#clock.maxFps = this.#options.affordable?.(fps) ?? fps;
    if (!this.#clock.take(frame.ptsMs)) return false;
    // What the first picture of a calm scene is compared with; no other scene is watched.
    const mayBeCompared = this.#rate.isOfFaces && this.#rate.isNearlyCalm;
    this.#watch.detectOn(mayBeCompared ? (picture ?? this.#options.sketch?.(frame)) : undefined);
    return true;
  }

  /** What was found in the frame that was taken last. */
  found(set: DetectionSet): void {
    this.#rate.observe(set);
    this.#watch.found(set);
  }
}
