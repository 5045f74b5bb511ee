/** Ticks a second of the RTP clock of video (RFC 6184, section 8.2.1). */
export const VIDEO_CLOCK_RATE = 90_000;

/**
 * RTP time stamp of the picture with this PTS, as pipelines/encode-rtp.launch writes it: running
 * time in ticks of the clock, rounded down, modulo 2³².
 */
export function rtpTimestampOf(ptsMs: number, clockRate = VIDEO_CLOCK_RATE): number {
  // PTS are whole nanoseconds; a number of milliseconds holds them to the nearest one.
  const ptsNs = BigInt(Math.round(ptsMs * 1e6));
  const ticks = (ptsNs * BigInt(clockRate)) / 1_000_000_000n;
  return Number(BigInt.asUintN(32, ticks));
}
