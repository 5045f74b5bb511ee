import { maskTarget } from '../../shared/config/mask-url.js';
import type { TargetState, TargetStatus } from '../../shared/domain/stream-status.js';
import type { WantedTarget } from '../../shared/ipc/messages.js';

/** How a stream is that is to publish to its targets. */
export interface TargetsRun {
  /** Whether the stream is ready; one that is not connects to no target. */
  readonly isReady: boolean;
  /** Whether what was last reported of a target is about the target that is wanted now. */
  readonly isCurrent: (id: string) => boolean;
}

/** Counted over the runs of the stream before this one. */
type Earlier = Pick<TargetStatus, 'bytes' | 'retries' | 'dropped'>;

/**
 * The targets of a stream as people see them: those that are wanted, each with what was last reported
 * of it. One of which nothing was reported is `waiting` until the stream is ready, then `connecting`.
 */
export class TargetViews {
  #views: readonly TargetStatus[] = [];
  #reported: readonly TargetStatus[] = [];
  #earlier = new Map<string, Earlier>();

  /** In the order of the configuration, stream keys masked. */
  get views(): readonly TargetStatus[] {
    return this.#views;
  }

  /** The stream reports its targets. */
  report(reported: readonly TargetStatus[]): void {
    this.#reported = reported;
  }

  /** The run of the stream is over: nothing is published, and the next run counts from 0. */
  endRun(): void {
    this.#reported = [];
    this.#earlier = new Map(this.#views.map(({ id, bytes, retries, dropped }) => [id, { bytes, retries, dropped }]));
  }

  /**
   * Puts both sides together.
   *
   * @param nowIso - ISO 8601, when states that are new begin
   */
  update(wanted: readonly WantedTarget[], { isReady, isCurrent }: TargetsRun, nowIso: string): readonly TargetStatus[] {
    this.#views = wanted.map((target): TargetStatus => {
      const { id } = target;
      const url = maskTarget(target);
      const earlier = this.#earlier.get(id) ?? { bytes: 0, retries: 0, dropped: 0 };
      const reported = isCurrent(id) ? this.#reported.find((one) => one.id === id) : undefined;
      if (reported) {
        const { bytes, retries, dropped } = reported;
        return {
          ...{ ...reported, url },
          ...{ bytes: earlier.bytes + bytes, retries: earlier.retries + retries },
          dropped: earlier.dropped + dropped,
        };
      }
      const state: TargetState = isReady ? 'connecting' : 'waiting';
      const before = this.#views.find((view) => view.id === id);
      const since = before?.state === state && before.url === url ? before.since : nowIso;
      return { id, url, state, since, ...earlier };
    });
    return this.#views;
  }

  /** The target is another one from now on, or none: its counts begin at 0. */
  forget(id: string): void {
    this.#earlier.delete(id);
    this.#reported = this.#reported.filter((target) => target.id !== id);
  }
}
