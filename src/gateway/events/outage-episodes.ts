import type { ErrorCode } from '../../shared/domain/errors.js';
import { stateWithoutSource } from '../../shared/domain/state-error.js';
import { isShowing, type StreamState } from '../../shared/domain/stream-status.js';
import type { EventEntry } from './event-log.js';

/** A change of the state of a stream. */
export interface StateChange {
  /** The state before. */
  readonly from: StreamState;
  /** The state now. */
  readonly to: StreamState;
}

/** That a source was lost. */
export interface LossReport {
  /** Why, without a code; empty where it is not known. */
  readonly reason: string;
  /** Of the reason; absent where it is not known. */
  readonly code?: ErrorCode | undefined;
}

/** Outages that are shorter are told without their length, s. */
const SHORT_S = 0.5;

/** What a source that was lost leaves to be told. */
interface Loss {
  readonly atMs: number;
  readonly reason: string;
}

/**
 * Makes one event of what several reports tell of one outage: that the source was lost, that no picture comes, that the
 * stream is offline. An outage that ends before the stream goes offline is told at its end, with how long it was; a longer
 * one when it goes offline.
 */
export class OutageEpisodes {
  #loss: Loss | undefined;
  #stalledAtMs: number | undefined;
  #state: StreamState;

  /** Nothing is told of what was before. @param state - of the stream now */
  constructor(state: StreamState) {
    this.#state = state;
  }

  /**
   * The source was lost, or does not come.
   *
   * @returns what is to be told now: a stream that has not begun stays `connecting`
   */
  lost({ reason, code }: LossReport, nowMs: number): EventEntry | undefined {
    if (this.#state === 'connecting') {
      // Another state follows, and tells it.
      if (stateWithoutSource(code, false) !== 'connecting') return undefined;
      const data = { ...(reason !== '' && { reason }) };
      return {
        kind: 'source_lost',
        text: ended(`No picture comes from the source${reason === '' ? '' : `: ${reason}`}`),
        data,
      };
    }
    if (isShowing(this.#state) || this.#state === 'stalled') this.#loss ??= { atMs: nowMs, reason };
    return undefined;
  }

  /** The source was opened. @returns what is to be told where no state tells it */
  opened(nowMs: number): EventEntry | undefined {
    if (this.#loss === undefined || !isShowing(this.#state)) return undefined;
    return this.#end('the source was lost', this.#loss.atMs, nowMs);
  }

  /**
   * The state is another one.
   *
   * @returns what is to be told in place of the state, `nothing` where nothing is yet, `undefined` for the state itself
   */
  changed({ from, to }: StateChange, nowMs: number): EventEntry | 'nothing' | undefined {
    this.#state = to;
    if (to === 'stalled' && isShowing(from)) {
      this.#stalledAtMs = nowMs;
      return 'nothing';
    }
    const stalledAtMs = this.#stalledAtMs;
    if (to === 'live' && from === 'stalled' && stalledAtMs !== undefined) {
      return this.#end('no picture came', this.#loss?.atMs ?? stalledAtMs, nowMs);
    }
    this.#stalledAtMs = undefined;
    this.#loss = undefined;
    return undefined;
  }

  #end(what: string, sinceMs: number, nowMs: number): EventEntry {
    const reason = this.#loss?.reason ?? '';
    const durationS = Math.max(0, Math.round((nowMs - sinceMs) / 100) / 10);
    this.#loss = undefined;
    this.#stalledAtMs = undefined;
    // A state comes later than what it tells of: so short, the figure would say nothing.
    const time = durationS < SHORT_S ? 'a moment' : `${durationS.toFixed(1)} s`;
    const text = `${what} for ${time}${reason === '' ? '' : `: ${reason}`}`;
    return {
      kind: 'outage',
      text: ended(`${text.charAt(0).toUpperCase()}${text.slice(1)}`),
      data: { durationS, ...(reason !== '' && { reason }) },
    };
  }
}

const ended = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
