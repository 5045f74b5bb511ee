import { maskUrl } from '../../shared/config/mask-url.js';
import { errorOfState } from '../../shared/domain/state-error.js';
import { statusError, type StatusError } from '../../shared/domain/status-error.js';
import type { StreamState, StreamStatus } from '../../shared/domain/stream-status.js';
import type { SupervisorEvent } from './stream-supervisor.adapter.js';

/**
 * The status of a stream after its supervisor started it, waits to start it again, or saw it end.
 * With what the stream itself reports ({@link reportedStatus}), its states are:
 *
 * ```
 *   connecting ──report──▶ live ◀──report──▶ stalled, offline (the source is away)
 *     │                     └─────silent────▶ stalled (the process is silent; also from the others)
 *     ▲  │ ▲                │                     │
 *     │  │ └───running──┐   │                     │
 *     │  └──waiting──▶ failed ◀──────waiting──────┘
 *     │                     │
 *     └──────running──── offline ◀──ended (from each of them)
 * ```
 *
 * The stream reports `failed` as well, with why, just before it ends. In every state but `live` there is an error.
 *
 * @param nowMs - when the event was, ms since 1970
 */
export function nextStatus(before: StreamStatus, event: SupervisorEvent, nowMs: number): StreamStatus {
  switch (event.type) {
    case 'running':
      return withState(before, 'connecting');
    case 'silent':
      return {
        ...before,
        state: 'stalled',
        error: statusError({
          code: 'DIPTYCH_E_PROCESS',
          message: 'its process does not answer; it is replaced unless it answers soon',
        }),
      };
    case 'waiting':
      return withState(before, 'failed', statusError(event.problem, nowMs + event.retryMs));
    case 'ended':
      return withState(before, 'offline');
  }
}

/** The status that a stream reports, as the gateway shows it: no secrets, whatever the stream process sends. */
export function reportedStatus(status: StreamStatus): StreamStatus {
  return { ...status, source: { ...status.source, url: maskUrl(status.source.url) } };
}

/** A stream that does not run has no people, no process, and no error but this one or that of its state. */
function withState(before: StreamStatus, state: StreamState, last?: StatusError): StreamStatus {
  const { error: _previous, memory: _past, tiles: _held, shot: _shown, ...rest } = before;
  const error = errorOfState(state, last);
  return { ...rest, state, people: [], ...(error && { error }) };
}
