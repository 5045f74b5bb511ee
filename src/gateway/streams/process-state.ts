import type { Transitions } from '../../shared/domain/transitions.js';

/**
 * States of a stream process. `serving`: takes streams · `stopping`: each of its streams has been
 * told to stop, and a time limit runs · `ending`: its last stream is over and it was told to end;
 * takes no more streams · `killed`: it hung, or kept a stream that did not end · `reaped`: killed
 * because it did not end although its streams were over, which is no failure of theirs · `exited`:
 * it is no more.
 */
export type ProcessState = 'serving' | 'stopping' | 'ending' | 'killed' | 'reaped' | 'exited';

/**
 * What happens to a stream process. `stop-last`: the last stream that was not told to stop is ·
 * `last-over`: its last stream is over · `late`: the time limit for its end is over · `hang`: it, or
 * a stream that blocks it, must be killed.
 */
export type ProcessEvent = 'start' | 'stop-last' | 'last-over' | 'late' | 'hang' | 'exit';

/**
 * ```
 *              start                         ┌──exit──────────────────────┐
 *     ┌───────────────────────┐              │                            ▼
 *   serving ──stop-last──▶ stopping ──last-over──▶ ending ──exit──▶ exited ◀─┐
 *     │ │                     │              ▲        └──late──▶ reaped ─exit─┤
 *     │ └──────last-over──────┼──────────────┘                                │
 *     └──────hang──────▶ killed ◀─late, hang                                  │
 *                          └──exit──────────────────────────────────────────────┘
 * ```
 */
export const PROCESS_TRANSITIONS: Transitions<ProcessState, ProcessEvent> = {
  serving: { 'stop-last': 'stopping', 'last-over': 'ending', hang: 'killed', exit: 'exited' },
  stopping: { start: 'serving', 'last-over': 'ending', late: 'killed', hang: 'killed', exit: 'exited' },
  ending: { late: 'reaped', exit: 'exited' },
  killed: { exit: 'exited' },
  reaped: { exit: 'exited' },
  exited: {},
};

/** Whether a process in this state takes another stream. */
export const takesStreams = (state: ProcessState): boolean => state === 'serving' || state === 'stopping';
