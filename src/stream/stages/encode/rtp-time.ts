/** Ticks a second of the RTP clock of video (RFC 6184, section 8.2.1). */
export const VIDEO_CLOCK_RATE = 90_000;

/** Ticks a second of the RTP clock of Opus (RFC 7587, section 4.1). */
export const AUDIO_CLOCK_RATE = 48_000;
const WRAP = 2 ** 32;

/** Ticks of the RTP clock in this time, rounded down, modulo 2³². */
export function rtpTicksOf(timeMs: number, clockRate: number): number {
  // PTS are whole nanoseconds; a number of milliseconds holds them to the nearest one.
  const timeNs = BigInt(Math.round(timeMs * 1e6));
  return Number(BigInt.asUintN(32, (timeNs * BigInt(clockRate)) / 1_000_000_000n));
}

/**
 * RTP time stamp of the picture with this PTS, as pipelines/encode-rtp.launch writes it.
 *
 * @param originMs - when running time began, on a clock that all processes of the machine share, ms
 */
export const rtpTimestampOf = (ptsMs: number, originMs: number, clockRate = VIDEO_CLOCK_RATE): number =>
  (rtpTicksOf(ptsMs, clockRate) + rtpTicksOf(originMs, clockRate)) % WRAP;

/** Whether a time stamp is later than another; both are modulo 2³². */
export function isLaterTimestamp(timestamp: number, other: number): boolean {
  const distance = (timestamp - other + WRAP) % WRAP;
  return distance > 0 && distance < WRAP / 2;
}
