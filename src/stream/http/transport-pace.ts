const PACKET_BYTES = 188;
const SYNC = 0x47;
const HAS_FIELD = 0x20;
const HAS_CLOCK = 0x10;
const TICKS_A_MS = 90;
/** Bytes of a packet up to the end of its clock. */
const CLOCK_END = 12;
/** The clock of a stream is said at least ten times a second; what leaps further begins anew, ms. */
const MAX_STEP_MS = 1000;

/**
 * When the parts of a recording in MPEG-TS are due, so that they come at its own speed: as its clock (PCR) runs.
 */
export class TransportPace {
  /** From the clock of the stream to that of the machine, ms. */
  #offsetMs: number | undefined;
  #lastClockMs = 0;
  #lastDueMs = Number.NEGATIVE_INFINITY;

  /**
   * When the end of a part is due, ms.
   *
   * @param bytes - of any length; the clocks of whole packets in it are read
   * @param nowMs - time of the machine
   */
  dueMs(bytes: Buffer, nowMs: number): number {
    const clocks = clocksMs(bytes);
    const [first] = clocks;
    const last = clocks.at(-1);
    if (first === undefined || last === undefined) return nowMs;
    const step = first - this.#lastClockMs;
    // One that begins anew goes on where the one before is over.
    const begin = Math.max(nowMs, this.#lastDueMs);
    const isAnew = this.#offsetMs === undefined || step < 0 || step > MAX_STEP_MS || last < first;
    const offsetMs = isAnew ? begin - (last < first ? last : first) : (this.#offsetMs ?? 0);
    this.#offsetMs = offsetMs;
    this.#lastClockMs = last;
    this.#lastDueMs = last + offsetMs;
    return this.#lastDueMs;
  }
}

/** The clocks (PCR) that packets of a transport stream have, ms. */
export function clocksMs(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(SYNC); at >= 0 && at + CLOCK_END <= bytes.length;) {
    const next = bytes[at + PACKET_BYTES];
    if (bytes[at] !== SYNC || (next !== undefined && next !== SYNC)) {
      at = bytes.indexOf(SYNC, at + 1);
      continue;
    }
    const clock = clockOf(bytes.subarray(at, at + CLOCK_END));
    if (clock !== undefined) found.push(clock);
    at += PACKET_BYTES;
  }
  return found;
}

function clockOf(packet: Buffer): number | undefined {
  const [control = 0, length = 0, flags = 0] = packet.subarray(3, 6);
  if ((control & HAS_FIELD) === 0 || length < 7 || (flags & HAS_CLOCK) === 0) return undefined;
  return (packet.readUInt32BE(6) * 2 + ((packet[10] ?? 0) >> 7)) / TICKS_A_MS;
}
