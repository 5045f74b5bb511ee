/** So many changes of shots within this time, s, are the most; the next one is to the whole scene … */
const MOST_CHANGES = 4;
const WITHIN_S = 20;
/** … which stays until the rules have asked for the same shot for this long, s. */
const CALM_S = 10;
/** The same while everybody stands. */
const STANDING_CALM_S = 2;

/** What the rules ask for at one moment. */
export interface AskedByRules {
  /** Another text is another shot. */
  readonly shot: string;
  /** Whether it is the whole scene. */
  readonly isWide: boolean;
  /** Whether it has to be shown: tiles join, which would show the same people on their way to the scene. */
  readonly isJoining: boolean;
  /** For how long everybody in the shot has stood, s; 0 while somebody walks. */
  readonly standingS: number;
  /** PTS, s. */
  readonly nowS: number;
  /** How calm shots are to be, as a factor of the times above, > 0; lower changes sooner again. */
  readonly pace: number;
}

/**
 * Whether people come and go too quickly for shots of them, as in a street: then each shot would be gone again before
 * anybody has seen who is in it, and the whole scene is shown. Pure; PTS in, seconds.
 */
export class Unrest {
  /** When the shots changed that were shown, s. */
  #changesS: number[] = [];
  #asked: string | undefined;
  /** Since when the rules have asked for the same shot, s. */
  #sinceS = 0;
  #isRestless = false;

  /** Begins anew: what is shown does not follow the rules. */
  reset(): void {
    this.#changesS = [];
    this.#asked = undefined;
    this.#isRestless = false;
  }

  /** Takes in what the rules ask for. @returns whether the whole scene is shown instead */
  update({ shot, isWide, isJoining, standingS, nowS, pace }: AskedByRules): boolean {
    const isChange = this.#asked !== undefined && shot !== this.#asked;
    if (isChange || this.#asked === undefined) this.#sinceS = nowS;
    this.#asked = shot;
    if (this.#isRestless) {
      const calmS = nowS - this.#sinceS;
      const isCalm = calmS >= CALM_S * pace || Math.min(calmS, standingS) >= STANDING_CALM_S * pace;
      if (!isCalm || (isWide && calmS < CALM_S * pace)) return !isWide;
      this.#isRestless = false;
      this.#changesS = isWide ? [] : [nowS];
      return false;
    }
    if (!isChange) return false;
    this.#changesS = this.#changesS.filter((changeS) => nowS - changeS < WITHIN_S * pace);
    this.#isRestless = this.#changesS.length >= MOST_CHANGES && !isJoining;
    this.#changesS.push(nowS);
    return this.#isRestless && !isWide;
  }
}
