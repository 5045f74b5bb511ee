/** One frame period of the output: `ptsMs` is exactly `tick` × 1000 / fps. */
export interface GridTick {
  /** Number of the tick, counted from running time 0. */
  readonly tick: number;
  /** Milliseconds of the running time. */
  readonly ptsMs: number;
}

/** The tick that a source frame was given. */
export interface FilledTick extends GridTick {
  /**
   * Ticks before this one without a frame, `tick − repeats` … `tick − 1`: the caller first repeats the frame
   * before on them. Above 0 where the source is slower than the output.
   */
  readonly repeats: number;
}

/** Rate and patience of the output. */
export interface OutputGridOptions {
  /** Frames a second of the output, > 0. */
  readonly fps: number;
  /**
   * How much later than usual a frame may come before its tick is filled by a repeat, ms, ≥ 0. Higher repeats
   * fewer frames where they come unevenly, lower repeats sooner where none come.
   * @defaultValue 1.5 frame periods
   */
  readonly slackMs?: number;
}

/**
 * A frame takes the next free tick as long as that is at most this far from its PTS, in periods.
 * The band is 1.8 periods wide: once a tick was repeated or a frame skipped, it takes a drift of a
 * whole period to get to the other edge, so jitter of ±0.4 periods never alternates repeats and skips.
 */
const BAND = 0.9;
/**
 * Below this mean interval, in periods, frames are chosen by their phase. Nearer to the output's
 * rate nearly all are needed, and the band alone loses none.
 */
const FAST_INTERVAL = 0.55;
/**
 * Above this mean interval, in periods, ticks are repeated whatever is chosen: each frame takes the tick nearest
 * to its PTS, not the next free one, which would show it early, by up to `BAND`, and unevenly.
 */
const SLOW_INTERVAL = 1.1;
/** Of a slow source, frames this near to the middle between two ticks take the one on the usual side, in periods. */
const UNDECIDED = 0.25;
/**
 * Below this mean interval, in periods, frames are skipped whatever is chosen: a frame leaves its tick to the next
 * one where that is nearer by more than twice this margin, which jitter may not cross.
 */
const FASTER_INTERVAL = 0.92;
const NEARER_MARGIN = 0.1;
/** Intervals needed before their mean is used. */
const MIN_INTERVALS = 5;
const INTERVAL_GAIN = 0.03;
/** After a longer pause, in periods, interval and phase of the source are measured again. */
const PAUSE = 10;
/**
 * Further than this, ms, pictures are not usually shown from their sound: a frame is skipped, or a tick repeated, so
 * that frames take the tick nearest to their PTS again. `BAND` alone holds it from 24 frames a second on.
 */
const LIP_SYNC_MS = 38;
/** Nor nearer than this, in periods: jitter of ±0.4 periods would alternate repeats and skips. */
const LEAST_FAR = 0.57;
/** The usual lead of a fast source's frames is kept within this many of its intervals. */
const LEAD_WRAP = 0.6;
const LEAD_GAIN = 0.05;
/** Of a source at the output's rate: slower, so that jitter alone does not move it. */
const EVEN_LEAD_GAIN = 0.02;
/**
 * Time constant with which the usual delay of the source decays, s, and the longest delay that is accepted,
 * ms (a jitter buffer may hold 10 s).
 */
const DELAY_TIME_CONSTANT_S = 5;
const MAX_DELAY_MS = 15_000;
/** A PTS further ahead of the clock than this, ms, is wrong; the frame counts as of now. */
const MAX_AHEAD_MS = 1000;

/**
 * Puts source frames on the ticks of a constant frame rate as they come, without waiting.
 *
 * A frame takes the next free tick while the two are less than a period apart, on either side; a
 * frame that is too early for it is skipped, and one that is too late leaves ticks to be repeated.
 * So an even source fills every tick whatever its phase, and a source clock that drifts
 * costs one repeat or one skip a period. Of a faster source, the frames with the same phase are
 * taken (every second of 60 fps at 30), which keeps movement even.
 *
 * Stamp and PTS differ by at most `BAND` periods, and usually by no more than lip sync allows (`LIP_SYNC_MS`). Pure:
 * time comes in as arguments, in milliseconds of the running time.
 */
export class OutputGrid {
  readonly #periodMs: number;
  readonly #slackMs: number;
  /** The newest tick that was filled, by a frame or a repeat. */
  #lastTick: number | undefined;
  #lastPtsMs: number | undefined;
  /** Mean interval of the source, in periods. */
  #interval = 1;
  #intervalSamples = 0;
  /** Mean tick − PTS of the placed frames, in periods. */
  #usualLead = 0;
  #nowMs: number | undefined;
  /** By how much frames come after their PTS, ms: a peak that is slowly forgotten. */
  #delayMs = 0;

  constructor({ fps, slackMs = 1500 / fps }: OutputGridOptions) {
    this.#periodMs = 1000 / fps;
    this.#slackMs = slackMs;
  }

  /**
   * Finds the tick for the source frame with this PTS.
   *
   * @param nowMs - running time, milliseconds; absent where every tick waits for a frame (a file that is rendered)
   * @returns `'skip'` where there is none: the source is ahead of the output, the tick was repeated
   *   because this frame is late, or the PTS does not rise
   */
  offer(ptsMs: number, nowMs?: number): FilledTick | 'skip' {
    this.#nowMs = nowMs ?? this.#nowMs;
    const isWrong = this.#nowMs !== undefined && ptsMs > this.#nowMs + MAX_AHEAD_MS;
    const timeMs = isWrong ? this.#nowMs! : ptsMs;
    if (!this.#takePts(timeMs)) return 'skip';

    const position = timeMs / this.#periodMs;
    const next = this.#lastTick === undefined ? Math.round(position) : this.#lastTick + 1;
    const lead = next - position;
    if (lead > this.#largestLead() || this.#isNextBetter(lead)) return 'skip';
    const isFar = this.#isFar(lead);
    if (isFar) this.#usualLead -= Math.sign(lead);
    if (isFar && lead > 0) return 'skip';

    const isNearest = lead < -BAND || this.#isSlow() || isFar;
    const tick = isNearest ? Math.max(next, this.#nearest(position)) : next;
    this.#lastTick = tick;
    this.#followLead(tick - position);
    return { tick, ptsMs: this.ptsMsOf(tick), repeats: tick - next };
  }

  /**
   * The ticks whose frame has not come in time, oldest first; each counts as filled from now on. To be called
   * at `nextDueMs`; the first call starts the grid where no frame has. The deadline of a tick is its
   * PTS + the source's usual delay + `slackMs`.
   *
   * @param nowMs - running time, milliseconds
   */
  due(nowMs: number): readonly GridTick[] {
    this.#nowMs = nowMs;
    const newestDue = Math.floor((nowMs - this.#delayMs - this.#slackMs) / this.#periodMs);
    if (this.#lastTick === undefined) {
      // Ticks are counted from running time 0: before it there is nothing to fill.
      this.#lastTick = Math.max(newestDue, -1);
      return [];
    }
    const ticks: GridTick[] = [];
    while (this.#lastTick < newestDue) {
      this.#lastTick += 1;
      ticks.push(this.#at(this.#lastTick));
    }
    return ticks;
  }

  /** When the next tick is due unless a frame comes before, ms of the running time; 0 before the grid has started. */
  get nextDueMs(): number {
    if (this.#lastTick === undefined) return 0;
    return this.ptsMsOf(this.#lastTick + 1) + this.#delayMs + this.#slackMs;
  }

  /** PTS of a tick, milliseconds. */
  ptsMsOf(tick: number): number {
    return tick * this.#periodMs;
  }

  #at(tick: number): GridTick {
    return { tick, ptsMs: this.ptsMsOf(tick) };
  }

  /** Measures interval and delay; false where the PTS does not rise. */
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
    this.#measureDelay(ptsMs, interval);
    return true;
  }

  /** Without a clock (a file that is rendered) there is no delay. */
  #measureDelay(ptsMs: number, interval: number): void {
    if (this.#nowMs === undefined) return;
    const sample = Math.min(Math.max(0, this.#nowMs - ptsMs), MAX_DELAY_MS);
    const sinceLastS = (interval * this.#periodMs) / 1000;
    const gain = sample > this.#delayMs ? 1 : 1 - Math.exp(-sinceLastS / DELAY_TIME_CONSTANT_S);
    this.#delayMs += gain * (sample - this.#delayMs);
  }

  #isFast(): boolean {
    return this.#intervalSamples >= MIN_INTERVALS && this.#interval < FAST_INTERVAL;
  }

  /** Whether the frame after this one, expected at the usual interval, fits the tick better. */
  #isNextBetter(lead: number): boolean {
    return this.#isFast() && lead - this.#usualLead > this.#interval / 2;
  }

  #largestLead(): number {
    const isFaster = this.#intervalSamples >= MIN_INTERVALS && this.#interval < FASTER_INTERVAL;
    return isFaster ? this.#interval / 2 + NEARER_MARGIN : BAND;
  }

  #isSlow(): boolean {
    return this.#intervalSamples >= MIN_INTERVALS && this.#interval > SLOW_INTERVAL;
  }

  /** Whether the source has about the rate of the output. */
  #isEven(): boolean {
    const isKnown = this.#intervalSamples >= MIN_INTERVALS;
    return isKnown && this.#interval >= FASTER_INTERVAL && this.#interval <= SLOW_INTERVAL;
  }

  /** Of a source at the output's rate: whether its frames are usually, and now, further from their sound than they may be. */
  #isFar(lead: number): boolean {
    const far = Math.max(LEAST_FAR, LIP_SYNC_MS / this.#periodMs);
    return this.#isEven() && lead * Math.sign(this.#usualLead) > 0.5 && Math.abs(this.#usualLead) > far;
  }

  /** A slow source whose PTS lie in the middle between two ticks does not alternate between them. */
  #nearest(position: number): number {
    const bias = this.#isSlow() ? Math.max(-UNDECIDED, Math.min(this.#usualLead, UNDECIDED)) : 0;
    return Math.round(position + bias);
  }

  #followLead(lead: number): void {
    if (this.#isEven()) this.#usualLead += EVEN_LEAD_GAIN * (lead - this.#usualLead);
    if (this.#isSlow() || this.#isFast()) this.#usualLead += LEAD_GAIN * (lead - this.#usualLead);
    if (!this.#isFast()) return;
    const limit = LEAD_WRAP * this.#interval;
    if (Math.abs(this.#usualLead) > limit) this.#usualLead -= Math.sign(this.#usualLead) * this.#interval;
  }
}
