import { median } from '../shared/percentile.js';
import { rounded } from './measure.js';

/** One measurement: what it costs, and what the least of that kind costs on the same machine at the same moment. */
export interface GuardPair {
  /** Of ours, in any unit. */
  readonly cost: number;
  /** In the same unit. */
  readonly floor: number;
}

/** One thing that is guarded. */
export interface GuardRow {
  /** See {@link GUARDED}. */
  readonly name: string;
  /** Cost by floor, the median of all rounds. */
  readonly ratio: number;
  /** Lowest and highest of the rounds. */
  readonly spread: readonly [number, number];
  /** What it was when it was recorded. */
  readonly recorded: number;
  /** `ratio` by `recorded`, less 1: 0.1 is a tenth more. */
  readonly change: number;
  /** Whether the change is at most what is allowed. */
  readonly passed: boolean;
}

/** Beyond it a change for the worse fails. */
export const ALLOWED_CHANGE = 0.15;

/**
 * Judges one thing.
 *
 * @param rounds - at least one
 * @param recorded - ratio on record, > 0
 */
export function guardRow(name: string, rounds: readonly GuardPair[], recorded: number): GuardRow {
  const ratios = rounds.map(({ cost, floor }) => cost / floor);
  const ratio = median(ratios);
  const change = ratio / recorded - 1;
  return {
    name,
    ratio: rounded(ratio, 3),
    spread: [rounded(Math.min(...ratios), 3), rounded(Math.max(...ratios), 3)],
    recorded,
    change: rounded(change, 3),
    passed: change <= ALLOWED_CHANGE,
  };
}
