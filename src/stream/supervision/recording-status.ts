import type { RecordingStatus } from '../../shared/domain/recording.js';
import type { StatusError } from '../../shared/domain/status-error.js';

/** What becomes known of a recording. */
export type RecordingEvent =
  /** It is to begin. */
  | { readonly type: 'started' }
  /** An attempt goes on; `bytes` of all attempts, `file` is being written. */
  | { readonly type: 'progress'; readonly file?: string; readonly bytes: number }
  /** An attempt failed. */
  | { readonly type: 'failed'; readonly error: StatusError }
  /** It was told to end, and has. */
  | { readonly type: 'ended' };

/**
 * The status of a recording after an event. Its states:
 *
 * ```
 *   off ──started──▶ starting ──progress with a file──▶ recording
 *    ▲                  │  └──────────failed──────────┐    │
 *    │                  └──▶ retrying ◀───────────────┴────┘
 *    └──ended (from each of them)  └──progress with a file──▶ recording
 * ```
 *
 * The error of the last attempt is kept until something is written again.
 *
 * @param nowIso - when the event was, ISO 8601
 */
export function nextRecordingStatus(before: RecordingStatus, event: RecordingEvent, nowIso: string): RecordingStatus {
  const { bytes, error } = before;
  const since = (state: RecordingStatus['state']): string => (state === before.state ? before.since : nowIso);
  switch (event.type) {
    case 'started':
      return { state: 'starting', since: since('starting'), bytes };
    case 'progress': {
      const { file } = event;
      if (file !== undefined) return { state: 'recording', since: since('recording'), file, bytes: event.bytes };
      const state = before.state === 'recording' ? 'recording' : error ? 'retrying' : 'starting';
      return { state, since: since(state), bytes: event.bytes, ...(error && { error }) };
    }
    case 'failed':
      return { state: 'retrying', since: since('retrying'), bytes, error: event.error };
    case 'ended':
      return { state: 'off', since: since('off'), bytes };
  }
}
