import { maskUrl } from '../../shared/config/mask-url.js';
import type { StreamState, StreamStatus } from '../../shared/domain/stream-status.js';
import type { SupervisorEvent } from './stream-supervisor.adapter.js';

const MS_PER_S = 1000;

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
 * The stream reports `failed` as well, with why, just before it ends.
 */
export function nextStatus(before: StreamStatus, event: SupervisorEvent): StreamStatus {
  switch (event.type) {
    case 'running':
      return withState(before, 'connecting');
    case 'silent':
      return {
        ...before,
        state: 'stalled',
        error: 'its process gives no sign of life; it is replaced unless one comes',
      };
    case 'waiting': {
      const when = event.retryMs === 0 ? 'at once' : `in ${(event.retryMs / MS_PER_S).toFixed(1)} s`;
      return withState(before, 'failed', `${event.reason}; it is started again ${when}`);
    }
    case 'ended':
      return withState(before, 'offline');
  }
}

/** The status that a stream reports, as the gateway shows it: no secrets, whatever the stream process sends. */
export function reportedStatus(status: StreamStatus): StreamStatus {
  return { ...status, source: { ...status.source, url: maskUrl(status.source.url) } };
}

/** A stream that does not run has no people, no process, and no error but this. */
function withState(before: StreamStatus, state: StreamState, error?: string): StreamStatus {
  const { error: _previous, memory: _past, ...rest } = before;
  return { ...rest, state, people: [], ...(error !== undefined && { error }) };
}
