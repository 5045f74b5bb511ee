import type { OfferedTrack } from './session-description.js';

/**
 * Bits of a code word of the encodings whose packing GStreamer mistakes: up to 1.24 its depayloader makes noise of
 * G.726 at 24 and 40 kbit/s in the order of RFC 3551, and none of the order of AAL2.
 */
const CODE_BITS: ReadonlyMap<string, number> = new Map([
  ['G726-24', 3],
  ['G726-40', 5],
]);
const RTP_HEADER_BYTES = 12;
const CODES_IN_GROUP = 8;

/** Turns packets of sound around for the receiver. */
export interface SoundRepacking {
  /** The track as the receiver is to take it. */
  readonly describe: <T extends Pick<OfferedTrack, 'encoding' | 'lines'>>(track: T) => T;
  /** Changes an RTP packet where it lies. */
  readonly repack: (packet: Buffer) => void;
}

/** How sound of this encoding is turned around; `undefined` where the receiver takes it as it is. */
export function repackingOf(encoding: string): SoundRepacking | undefined {
  const bits = CODE_BITS.get(encoding.toUpperCase());
  if (bits === undefined) return undefined;
  return {
    describe: (track) => ({
      ...track,
      encoding: `AAL2-${encoding}`,
      lines: track.lines.map((line) => (line.startsWith('a=rtpmap:') ? line.replace(' ', ' AAL2-') : line)),
    }),
    repack: (packet) => repackG726(packet.subarray(payloadOffset(packet)), bits),
  };
}

/**
 * Code words of G.726 from the order of RFC 3551 (section 4.5.4: from the lowest bit on) to that of AAL2 (ITU-T I.366.2
 * annex E: from the highest), where they lie. Bytes after the last whole group of eight code words stay as they are.
 *
 * @param bits - of a code word, 2 to 5
 */
export function repackG726(payload: Buffer, bits: number): void {
  const lowest = 2 ** bits - 1;
  for (let at = 0; at + bits <= payload.length; at += bits) {
    // A group has as many bytes as a code word has bits; 40 bits at most, which a number holds.
    const group = payload.readUIntLE(at, bits);
    let turned = 0;
    for (let code = 0; code < CODES_IN_GROUP; code += 1) {
      turned = turned * (lowest + 1) + (Math.floor(group / 2 ** (code * bits)) % (lowest + 1));
    }
    payload.writeUIntBE(turned, at, bits);
  }
}

/** Behind the sources that contributed and the extension (RFC 3550, section 5.1). */
function payloadOffset(packet: Buffer): number {
  if (packet.length < RTP_HEADER_BYTES) return packet.length;
  const first = packet.readUInt8(0);
  const end = RTP_HEADER_BYTES + 4 * (first & 15);
  if ((first & 0x10) === 0) return end;
  return end + 4 <= packet.length ? end + 4 + 4 * packet.readUInt16BE(end + 2) : packet.length;
}
