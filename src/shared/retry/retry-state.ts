import type { Transitions } from '../domain/transitions.js';

/**
 * Where a {@link RetryLoop} is. `idle`: not started yet · `running`: an attempt is under way ·
 * `waiting`: it failed, the next one is due after a delay · `done`: an attempt returned, nothing is
 * left to do · `failed`: an error that no retry can mend · `stopped`: told to end.
 */
export type RetryState = 'idle' | 'running' | 'waiting' | 'done' | 'failed' | 'stopped';

/** What happens to it. `fail`: an attempt failed · `due`: the delay is over · `return`: an attempt returned. */
export type RetryEvent = 'start' | 'fail' | 'due' | 'restart' | 'return' | 'give-up' | 'stop';

/**
 * ```
 *                   ┌─restart─┐
 *                   ▼         │
 *   idle ──start──▶ running ──┴─fail──▶ waiting
 *                   │ ▲  │  ▲             │ │
 *            return │ │  │  └─due,restart─┘ │
 *                   ▼ │  │ give-up          │
 *               done ─┤  ├──────▶ failed    │
 *                     │  │          │       │
 *                     └──┼──start───┘       │
 *                        └──stop──▶ stopped ◀
 * ```
 */
export const RETRY_TRANSITIONS: Transitions<RetryState, RetryEvent> = {
  idle: { start: 'running', stop: 'stopped' },
  running: { fail: 'waiting', restart: 'running', return: 'done', 'give-up': 'failed', stop: 'stopped' },
  waiting: { due: 'running', restart: 'running', stop: 'stopped' },
  done: { start: 'running', stop: 'stopped' },
  failed: { start: 'running', stop: 'stopped' },
  stopped: {},
};
