import type { StatusError } from '../../shared/domain/status-error.js';
import type { TargetStatus } from '../../shared/domain/stream-status.js';

/** What becomes known of a target. */
export type TargetEvent =
  /** An attempt goes on; `bytes` and `dropped` of all attempts; `error` is what it waits for. */
  | {
      readonly type: 'progress';
      readonly state: 'connecting' | 'live' | 'stalled';
      readonly bytes: number;
      readonly dropped: number;
      readonly error?: StatusError;
    }
  /** An attempt failed; the next one begins after a delay. */
  | { readonly type: 'failed'; readonly error: StatusError }
  /** It was told to end, and has. */
  | { readonly type: 'closed' };

/**
 * The status of a target after an event. Its states:
 *
 * ```
 *   connecting ──progress──▶ live ◀──progress──▶ stalled
 *       ▲ │                   │                    │
 *       │ └──────failed───────┼────────────────────┘
 *       │                     ▼
 *       └────progress───── retrying          (closed follows on each of them, and is the last)
 * ```
 *
 * `since` changes with the state only. The error of the last attempt is kept until pictures flow
 * again or the target is closed.
 *
 * @param nowIso - when the event was, ISO 8601
 */
export function nextTargetStatus(before: TargetStatus, event: TargetEvent, nowIso: string): TargetStatus {
  if (before.state === 'closed') return before;
  const { error, ...rest } = before;
  const since = (state: TargetStatus['state']): string => (state === before.state ? before.since : nowIso);
  switch (event.type) {
    case 'progress': {
      const { state, bytes, dropped } = event;
      const shown = event.error ?? error;
      const keptError = state === 'live' || shown === undefined ? {} : { error: shown };
      return { ...rest, ...keptError, state, bytes, dropped, since: since(state) };
    }
    case 'failed':
      return {
        ...rest,
        state: 'retrying',
        retries: before.retries + 1,
        error: event.error,
        since: since('retrying'),
      };
    case 'closed':
      return { ...rest, state: 'closed', since: since('closed') };
  }
}
