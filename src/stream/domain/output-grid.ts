/** One frame of the output: `ptsMs` is exactly `slot` × 1000 / fps. */
export interface GridTick {
  /** Counted from running time 0. */
  readonly slot: number;
  readonly ptsMs: number;
}

/** The slot a source frame was given. */
export interface FilledSlot extends GridTick {
  /**
   * How many slots right before this one nobody has filled: `slot − repeats` … `slot − 1`, to be
   * filled with the frame before, first. Above 0 where the source is slower than the output.
   */
  readonly repeats: number;
}

export interface OutputGridOptions {
  /** Frames a second of the output, > 0. */
  readonly fps: number;
  /**
   * How much later than usual a frame may come before its slot is filled by a repeat, ms, ≥ 0.
   * Raising it means fewer repeats when frames come unevenly, and later ones when none come.
   * @defaultValue 1.5 frame periods
   */
  readonly slackMs?: number;
}

/**
 * A frame takes the next free slot as long as that is at most this far from its PTS, in periods.
 * The band is 1.8 periods wide: once a slot was repeated or a frame skipped, it takes a drift of a
 * whole period to get to the other edge, so jitter of ±0.4 periods never makes the grid flap.
 */
const BAND = 0.9;
/**
 * Below this mean interval, in periods, frames are chosen by their phase. Nearer to the output's
 * rate nearly all are needed, and the band alone loses none.
 */
const FAST_INTERVAL = 0.55;
/** So many intervals are needed before their mean says anything. */
const MIN_INTERVALS = 5;
const INTERVAL_GAIN = 0.03;
/** A pause after which the interval and the phase of the source are measured anew, in periods. */
const PAUSE = 10;
/** The usual lead of a fast source's frames is kept within this many of its intervals. */
const LEAD_WRAP = 0.6;
const LEAD_GAIN = 0.05;
/**
 * How slowly the usual delay of the source is forgotten, s, and the longest that is believed, ms
 * (a jitter buffer may hold 10 s).
 */
const DELAY_TIME_CONSTANT_S = 5;
const MAX_DELAY_MS = 15_000;
/** A PTS further ahead of the clock than this, ms, is wrong; the frame counts as of now. */
const MAX_AHEAD_MS = 1000;

/**
 * Puts source frames on the slots of a constant frame rate as they come, without waiting.
 *
 * A frame takes the next free slot while the two are less than a period apart, whichever side; a
 * frame that is too early for it is skipped, and one that is too late leaves slots to be repeated.
 * So an even source fills every slot wherever its phase lies, and a source clock that drifts
 * costs one repeat or one skip a period. Of a faster source, the frames with the same phase are
 * taken (every second of 60 fps at 30), which keeps movement even.
 *
 * Stamp and PTS differ by at most `BAND` periods. Pure: time comes in as arguments, in
 * milliseconds of the running time.
 */
export class OutputGrid {
  readonly #periodMs: number;
  readonly #slackMs: number;
  /** The newest slot that was filled, by a frame or a repeat. */
  #lastSlot: number | undefined;
  #lastPtsMs: number | undefined;
  /** Mean interval of the source, in periods. */
  #interval = 1;
  #intervalSamples = 0;
  /** Mean slot − PTS of the placed frames of a fast source, in periods. */
  #usualLead = 0;
  #nowMs: number | undefined;
  /** By how much frames come after their PTS, ms: a peak that is slowly forgotten. */
  #delayMs = 0;

  constructor({ fps, slackMs = 1500 / fps }: OutputGridOptions) {
    this.#periodMs = 1000 / fps;
    this.#slackMs = slackMs;
  }

  /**
   * Finds the slot for the source frame with this PTS.
   *
   * @returns `'skip'` where there is none: the source is ahead of the output, the slot was repeated
   *   because this frame is late, or the PTS does not increase
   */
  offer(ptsMs: number): FilledSlot | 'skip' {
    const isWrong = this.#nowMs !== undefined && ptsMs > this.#nowMs + MAX_AHEAD_MS;
    const timeMs = isWrong ? this.#nowMs! : ptsMs;
    if (!this.#takePts(timeMs)) return 'skip';

    const position = timeMs / this.#periodMs;
    const next = this.#lastSlot === undefined ? Math.round(position) : this.#lastSlot + 1;
    const lead = next - position;
    if (lead > BAND || this.#isNextBetter(lead)) return 'skip';

    const slot = lead < -BAND ? Math.round(position) : next;
    this.#lastSlot = slot;
    this.#followLead(slot - position);
    return { ...this.#at(slot), repeats: slot - next };
  }

  /**
   * The slots whose frame has not come in time, oldest first; each counts as filled from now on.
   * Call it at least once a frame period with the running time; the first call starts the grid
   * where no frame has yet. The deadline of a slot is its time + the source's usual delay + `slackMs`.
   */
  due(nowMs: number): readonly GridTick[] {
    this.#nowMs = nowMs;
    const newestDue = Math.floor((nowMs - this.#delayMs - this.#slackMs) / this.#periodMs);
    if (this.#lastSlot === undefined) {
      // Slots are counted from running time 0: before it there is nothing to fill.
      this.#lastSlot = Math.max(newestDue, -1);
      return [];
    }
    const slots: GridTick[] = [];
    while (this.#lastSlot < newestDue) {
      this.#lastSlot += 1;
      slots.push(this.#at(this.#lastSlot));
    }
    return slots;
  }

  /** The time of a slot, ms. */
  ptsMsOf(slot: number): number {
    return slot * this.#periodMs;
  }

  #at(slot: number): GridTick {
    return { slot, ptsMs: this.ptsMsOf(slot) };
  }

  /** Notes the interval and the delay; false where the PTS does not increase. */
  #takePts(ptsMs: number): boolean {
    const lastPtsMs = this.#lastPtsMs ?? Number.NEGATIVE_INFINITY;
    if (!(ptsMs > lastPtsMs)) return false;
    this.#lastPtsMs = ptsMs;
    const interval = (ptsMs - lastPtsMs) / this.#periodMs;
    if (interval > PAUSE) {
      this.#intervalSamples = 0;
      this.#usualLead = 0;
    } else {
      this.#intervalSamples += 1;
      const gain = Math.max(INTERVAL_GAIN, 1 / this.#intervalSamples);
      this.#interval += gain * (interval - this.#interval);
    }
    this.#noteDelay(ptsMs, interval);
    return true;
  }

  /** Without a clock (a file being rendered) there is no delay to speak of. */
  #noteDelay(ptsMs: number, interval: number): void {
    if (this.#nowMs === undefined) return;
    const sample = Math.min(Math.max(0, this.#nowMs - ptsMs), MAX_DELAY_MS);
    const sinceLastS = (interval * this.#periodMs) / 1000;
    const gain = sample > this.#delayMs ? 1 : 1 - Math.exp(-sinceLastS / DELAY_TIME_CONSTANT_S);
    this.#delayMs += gain * (sample - this.#delayMs);
  }

  #isFast(): boolean {
    return this.#intervalSamples >= MIN_INTERVALS && this.#interval < FAST_INTERVAL;
  }

  /** Whether the frame after this one, foreseen at the usual interval, suits the slot better. */
  #isNextBetter(lead: number): boolean {
    return this.#isFast() && lead - this.#usualLead > this.#interval / 2;
  }

  #followLead(lead: number): void {
    if (!this.#isFast()) return;
    this.#usualLead += LEAD_GAIN * (lead - this.#usualLead);
    const limit = LEAD_WRAP * this.#interval;
    if (Math.abs(this.#usualLead) > limit) this.#usualLead -= Math.sign(this.#usualLead) * this.#interval;
  }
}
