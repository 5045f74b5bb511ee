/** `limited`: works, but something better is not there · `broken`: the product cannot do its job. */
export type Verdict = 'good' | 'limited' | 'broken';

export interface Finding {
  readonly area: string;
  readonly verdict: Verdict;
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}
