import { FRAME_HEADER_BYTES } from './rtsp-message.js';

/** The way of one track that was set up. */
export type Lane<Ports> =
  | { readonly kind: 'tcp'; readonly rtpChannel: number; readonly rtcpChannel: number; readonly payloadType: number }
  | { readonly kind: 'udp'; readonly ports: Ports; readonly payloadType: number };

/** Where a packet belongs. */
export interface LanePlace {
  /** Index of the track in what was set up. */
  readonly slot: number;
  /** RTCP, not RTP. */
  readonly isRtcp: boolean;
}

/** Where packets on a channel belong; `undefined`: no track has it. */
export function placeOfChannel(lanes: readonly Lane<unknown>[], channel: number): LanePlace | undefined {
  for (const [slot, lane] of lanes.entries()) {
    if (lane.kind !== 'tcp') continue;
    if (lane.rtpChannel === channel) return { slot, isRtcp: false };
    if (lane.rtcpChannel === channel) return { slot, isRtcp: true };
  }
  return undefined;
}

/** The same by the payload type: cameras are met that answer SETUP with one channel and send on another. */
export function placeOfPayload(lanes: readonly Lane<unknown>[], frame: Buffer): LanePlace | undefined {
  const type = (frame[FRAME_HEADER_BYTES + 1] ?? 0) & 0x7f;
  const matching = lanes.flatMap(({ payloadType }, slot) => (payloadType === type ? [slot] : []));
  const [slot] = matching;
  return matching.length === 1 && slot !== undefined ? { slot, isRtcp: false } : undefined;
}
