import type { OverlayFrame } from '../shared/ipc/messages.js';

/** RTP ticks of video in a second. */
const CLOCK_RATE = 90_000;
/** Overlays are kept this long: more than a browser ever buffers. */
const KEPT_TICKS = 5 * CLOCK_RATE;
/** When the overlay of a frame is missing, that of a frame this near is used (two frames at 15 fps). */
const NEAR_TICKS = CLOCK_RATE / 7.5;
const HALF_RANGE = 2 ** 31;
const RANGE = 2 ** 32;

/**
 * Finds the overlay that belongs to the video frame on screen. Overlays come over the WebSocket
 * and frames over RTP, each with its own delay; both carry the frame's RTP time stamp.
 */
export class OverlayTimeline {
  /** In the order of arrival. */
  readonly #frames: OverlayFrame[] = [];

  /** Takes a frame's overlay; the oldest one goes when there are too many. */
  add(frame: OverlayFrame): void {
    const newest = this.#frames.at(-1);
    if (newest && ticksBetween(newest.rtpTimestamp, frame.rtpTimestamp) < -KEPT_TICKS) this.clear();
    this.#frames.push(frame);
    while (this.#frames[0] && Math.abs(ticksBetween(this.#frames[0].rtpTimestamp, frame.rtpTimestamp)) > KEPT_TICKS) {
      this.#frames.shift();
    }
  }

  /**
   * The overlay to draw; `undefined` where none is near enough.
   *
   * @param rtpTimestamp - of the frame on screen; where the browser does not report it, the latest
   * overlay is used
   */
  at(rtpTimestamp: number | undefined): OverlayFrame | undefined {
    if (rtpTimestamp === undefined) return this.#frames.at(-1);
    let nearest: OverlayFrame | undefined;
    let nearestTicks: number = NEAR_TICKS;
    for (const frame of this.#frames) {
      const ticks = Math.abs(ticksBetween(frame.rtpTimestamp, rtpTimestamp));
      if (ticks < nearestTicks) [nearest, nearestTicks] = [frame, ticks];
    }
    return nearest;
  }

  /** Forgets everything: the media starts again. */
  clear(): void {
    this.#frames.length = 0;
  }
}

/** `to − from` on a clock that wraps at 2^32. */
function ticksBetween(from: number, to: number): number {
  const ticks = (((to - from) % RANGE) + RANGE) % RANGE;
  return ticks >= HALF_RANGE ? ticks - RANGE : ticks;
}
