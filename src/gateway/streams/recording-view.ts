import type { RecordingStatus } from '../../shared/domain/recording.js';

/** How a stream is that is to be recorded. */
export interface RecordingRun {
  /** Whether recording is wanted. */
  readonly isWanted: boolean;
  /** Whether the stream is ready; one that is not records nothing. */
  readonly isReady: boolean;
}

/**
 * The recording of a stream as people see it: whether it is wanted, with what was last reported of it. What was
 * written is counted over the runs of the stream.
 */
export class RecordingView {
  #view: RecordingStatus = { state: 'off', since: '', bytes: 0 };
  #reported: RecordingStatus | undefined;
  /** Over the runs of the stream before this one. */
  #earlierBytes = 0;

  /** The stream reports its recording. */
  report(reported: RecordingStatus): void {
    this.#reported = reported;
  }

  /** The run of the stream is over: nothing is written, and the next run counts from 0. */
  endRun(): void {
    this.#earlierBytes = this.#view.bytes;
    this.#reported = undefined;
  }

  /**
   * Puts both sides together.
   *
   * @param nowIso - ISO 8601, when a state that is new begins
   */
  update({ isWanted, isReady }: RecordingRun, nowIso: string): RecordingStatus {
    const reported = isReady ? this.#reported : undefined;
    const bytes = this.#earlierBytes + (this.#reported?.bytes ?? 0);
    if (reported && (reported.state !== 'off' || !isWanted)) {
      this.#view = { ...reported, bytes };
    } else {
      const state = !isWanted ? 'off' : isReady ? 'starting' : 'waiting';
      const { state: before, since } = this.#view;
      this.#view = { state, since: before === state && since !== '' ? since : nowIso, bytes };
    }
    return this.#view;
  }
}
