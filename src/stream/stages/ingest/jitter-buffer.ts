import type { Graph } from '../../gst/graph.adapter.js';
import type { NativeAddon } from '../../native/types.js';
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

/**
 * Packets in a row with which a track begins: over UDP the first ones may come in another order, and those that come
 * before the first one that was given are lost.
 */
const FIRST_PACKETS = { tcp: 1, udp: 3 } as const;

/** Lets a graph that receives RTP, and does not play yet, begin with the first packets, not a jitter buffer later. */
export function beginAtOnce(
  addon: Pick<NativeAddon, 'startAfterPackets'>,
  graph: Pick<Graph, 'id'>,
  transport: 'tcp' | 'udp',
): void {
  addon.startAfterPackets(graph.id, 'source', FIRST_PACKETS[transport]);
}
