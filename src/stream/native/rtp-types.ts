/** What the addon does with the RTP packets of a graph. */
export interface RtpCalls {
  /**
   * Drops RTP packets of this codec, which a source of a graph gives, that end before the parts that they say they have,
   * from the first call on: GStreamer's depayloaders would read beyond them. @returns how many there were since then
   */
  cutPackets(graphId: string, element: string, codec: 'h264' | 'h265'): number;
  /**
   * Jitter buffers inside a bin of a graph that does not play yet, such as `rtspsrc`, give their first packets as soon as
   * so many (1 … 65,535) have come one after the other; without it after their whole length.
   */
  startAfterPackets(graphId: string, element: string, packets: number): void;
}
