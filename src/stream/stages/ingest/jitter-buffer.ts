import type { SourceConfig } from '../../../shared/config/schema.js';

/**
 * Over UDP: how far B-frames put a picture behind its time stamp, ms. They are sent in decoding
 * order, and the jitter buffer takes what lies further behind than its length for a new time
 * line (measured: two B-frames at 30 fps arrive 97 ms behind; three at 25 fps would 160 ms).
 */
const REORDER_MS = 150;
/**
 * Over TCP nothing gets lost, so nothing is ever waited for and the length costs no delay; it
 * only says how far behind a packet may be.
 */
const TCP_MS = 500;

/** Length of the jitter buffer of the receiver, milliseconds. */
export function jitterBufferMs(transport: 'tcp' | 'udp', { latencyMs }: Pick<SourceConfig, 'latencyMs'>): number {
  return transport === 'tcp' ? Math.max(latencyMs, TCP_MS) : latencyMs + REORDER_MS;
}
