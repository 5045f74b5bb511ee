/** When the units of a track are due, by the clock of the camera. */
export interface Timeline {
  /** Of the n-th unit, s. */
  atS(n: number): number;
  /** The newest unit that is due, at so many seconds. */
  dueAt(clockS: number): number;
}

/** Against rounding, s: far below the distance of two units. */
const TINY_S = 1e-6;

export const evenly = (periodS: number): Timeline => ({
  atS: (n) => n * periodS,
  dueAt: (clockS) => Math.floor((clockS + TINY_S) / periodS),
});

/** One rate after the other, whole units each, for ever. */
export function inTurns(turns: readonly { readonly fps: number; readonly seconds: number }[]): Timeline {
  const cycleS = turns.reduce((sum, { seconds }) => sum + seconds, 0);
  const cycleUnits = turns.reduce((sum, { fps, seconds }) => sum + Math.round(fps * seconds), 0);
  return {
    atS: (n) => {
      let [left, atS] = [n % cycleUnits, Math.floor(n / cycleUnits) * cycleS];
      for (const { fps, seconds } of turns) {
        const units = Math.round(fps * seconds);
        if (left < units) return atS + left / fps;
        left -= units;
        atS += seconds;
      }
      return atS;
    },
    dueAt: (clockS) => {
      const cycles = Math.floor((clockS + TINY_S) / cycleS);
      let [leftS, due] = [clockS - cycles * cycleS + TINY_S, cycles * cycleUnits];
      for (const { fps, seconds } of turns) {
        if (leftS < seconds) return due + Math.floor(leftS * fps);
        leftS -= seconds;
        due += Math.round(fps * seconds);
      }
      return due;
    },
  };
}

/** A clock of a camera; what is absent is as it should be. */
export interface OddClockOptions {
  /** Its seconds in one of ours: 1.005 is fast by half a percent. @defaultValue 1 */
  readonly rate?: number;
  /** RTP time stamps jump by so much, s, after so many seconds of playing. */
  readonly jumps?: readonly { readonly afterS: number; readonly byS: number }[];
  /** RTP time stamps of every track wrap after so many seconds of playing. */
  readonly wrapAfterS?: number;
}

const RTP_TIMES = 2 ** 32;

/** The RTP time of a moment of the camera's clock. @param startedS - when playing began, by that clock */
export function rtpTimeOf(clockS: number, startedS: number, clockRate: number, clock: OddClockOptions): number {
  const { jumps = [], wrapAfterS } = clock;
  const playedS = clockS - startedS;
  const jumpS = jumps.reduce((sum, { afterS, byS }) => sum + (playedS + TINY_S >= afterS ? byS : 0), 0);
  const shift = wrapAfterS === undefined ? 0 : RTP_TIMES - (startedS + wrapAfterS) * clockRate;
  return Math.round((clockS + jumpS) * clockRate + shift) >>> 0;
}

/** From one cue of {@link isCue} to the same one again, s. */
export const CUE_CYCLE_S = 4;
/** Where cues begin in a cycle, s: uneven, so that no shift looks like another. */
export const CUE_STARTS_S: readonly number[] = [0, 1.4];
/** How long a flash and a beep last, s: one picture at 5 a second. */
export const CUE_S = 0.2;

/** Whether there is a flash, and a beep, at this moment of the camera's clock. */
export function isCue(clockS: number): boolean {
  const inCycleS = (clockS + TINY_S) % CUE_CYCLE_S;
  return CUE_STARTS_S.some((startS) => inCycleS >= startS && inCycleS < startS + CUE_S);
}
