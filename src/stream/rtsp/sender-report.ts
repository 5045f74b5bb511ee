/** What a sender report says: this RTP time was at this moment (RFC 3550, section 6.4.1). */
export interface SenderReport {
  /** Of the sender's clock, ms since 1900; 0: the sender has no clock. */
  readonly ntpMs: number;
  /** 32 bits. */
  readonly rtpTime: number;
}

const SENDER_REPORT = 200;
const SENDER_REPORT_BYTES = 28;
const UNITS = 2 ** 32;

/** The sender report at the beginning of a packet of RTCP; `undefined` where there is none. */
export function senderReportOf(packet: Buffer): SenderReport | undefined {
  if (packet.length < SENDER_REPORT_BYTES || packet[1] !== SENDER_REPORT) return undefined;
  const ntpMs = packet.readUInt32BE(8) * 1000 + (packet.readUInt32BE(12) * 1000) / UNITS;
  return { ntpMs, rtpTime: packet.readUInt32BE(16) };
}

interface Lane {
  readonly clockRate: number;
  /** Of the latest packet with pictures or sound. */
  rtpTime?: number;
  arrivedMs?: number;
  /** How far the sender's clock is from ours by its latest report, ms. */
  offsetMs?: number;
  /** The latest report that is not passed on yet. */
  held?: Buffer;
}

/**
 * By how much the sender's reports on two tracks may differ from what their packets show when they arrive, ms: a camera
 * encodes and sends pictures later than sound, by less than this.
 */
const TOLERANCE_MS = 1500;
/** A report on an RTP time further away than this from the latest packet is on another time line, ms. */
const MAX_DISTANCE_MS = 10_000;

/**
 * Lets only those sender reports through that agree with each other and with the arrival of the packets. The receiver
 * aligns sound and pictures by them, and would follow a camera that is in 1970 with one of its tracks, or whose clock
 * is set while it sends; without reports it goes by the arrival.
 */
export class SenderReportFilter {
  readonly #lanes: readonly Lane[];

  /**
   * Knows no report yet.
   *
   * @param clockRates - of the tracks, Hz, in the order of their slots
   */
  constructor(clockRates: readonly number[]) {
    this.#lanes = clockRates.map((clockRate) => ({ clockRate }));
  }

  /** A packet with pictures or sound has come, at a time of ours, ms. */
  packet(slot: number, rtpTime: number, arrivedMs: number): void {
    const lane = this.#lanes[slot];
    if (!lane) return;
    lane.rtpTime = rtpTime;
    lane.arrivedMs = arrivedMs;
  }

  /**
   * A packet of RTCP has come from the camera.
   *
   * @param item - what is handed back when it may pass
   * @returns what goes to the receiver now, each with its slot
   */
  report(slot: number, packet: Buffer, item: Buffer): readonly { readonly slot: number; readonly item: Buffer }[] {
    const report = senderReportOf(packet);
    const lane = this.#lanes[slot];
    if (!report || !lane) return [{ slot, item }];
    const offsetMs = offsetOf(lane, report);
    if (offsetMs === undefined) return [];
    lane.offsetMs = offsetMs;
    lane.held = item;
    const others = this.#lanes.filter((other) => other !== lane && other.offsetMs !== undefined);
    const isAgreed = others.every((other) => Math.abs((other.offsetMs ?? 0) - offsetMs) <= TOLERANCE_MS);
    if (!isAgreed) return [];
    // A report that was held back passes with the one that confirms it, so that the receiver never has half a change.
    return this.#lanes.flatMap((known, index) => {
      const { held } = known;
      delete known.held;
      return held === undefined ? [] : [{ slot: index, item: held }];
    });
  }
}

function offsetOf({ rtpTime, arrivedMs, clockRate }: Lane, report: SenderReport): number | undefined {
  if (report.ntpMs === 0 || rtpTime === undefined || arrivedMs === undefined) return undefined;
  // The difference of two 32-bit times, with its sign.
  const distanceMs = (((rtpTime - report.rtpTime) | 0) * 1000) / clockRate;
  if (Math.abs(distanceMs) > MAX_DISTANCE_MS) return undefined;
  return report.ntpMs + distanceMs - arrivedMs;
}
