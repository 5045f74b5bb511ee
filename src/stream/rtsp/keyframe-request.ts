/** How a camera is asked for a keyframe, as its description offers it in `a=rtcp-fb`. */
export type KeyframeRequestKind = 'pli' | 'fir';

/** Who asks whom. */
export interface KeyframeRequestIds {
  /** SSRC of the receiver. */
  readonly senderSsrc: number;
  /** SSRC of the camera's pictures. */
  readonly mediaSsrc: number;
  /** Counts the requests, modulo 256: of `fir`, one with the number of the last is a repetition of it. */
  readonly sequence: number;
}

const RECEIVER_REPORT = 201;
const PAYLOAD_FEEDBACK = 206;
const PLI_FORMAT = 1;
const FIR_FORMAT = 4;
const VERSION = 0x80;
const SSRC_BYTES = 4;

/**
 * A compound RTCP packet that asks for a keyframe: a report without blocks, which has to come first, and a picture
 * loss indication (RFC 4585, 6.3.1) or a full intra request (RFC 5104, 4.3.1).
 */
export function keyframeRequest(kind: KeyframeRequestKind, ids: KeyframeRequestIds): Buffer {
  const { senderSsrc, mediaSsrc, sequence } = ids;
  const report = rtcpPacket(0, RECEIVER_REPORT, [senderSsrc]);
  if (kind === 'pli') {
    return Buffer.concat([report, rtcpPacket(PLI_FORMAT, PAYLOAD_FEEDBACK, [senderSsrc, mediaSsrc])]);
  }
  // The camera is named in the entry, and not in the header.
  const words = [senderSsrc, 0, mediaSsrc, (sequence % 256) * 2 ** 24];
  return Buffer.concat([report, rtcpPacket(FIR_FORMAT, PAYLOAD_FEEDBACK, words)]);
}

/**
 * One RTCP packet of feedback (RFC 3550, section 6.4; RFC 4585, section 6.1).
 *
 * @param words - what follows the first four bytes, 32 bits each
 */
function rtcpPacket(format: number, type: number, words: readonly number[]): Buffer {
  const packet = Buffer.alloc(SSRC_BYTES * (1 + words.length));
  packet[0] = VERSION | format;
  packet[1] = type;
  packet.writeUInt16BE(words.length, 2);
  words.forEach((word, index) => packet.writeUInt32BE(word, SSRC_BYTES * (1 + index)));
  return packet;
}
