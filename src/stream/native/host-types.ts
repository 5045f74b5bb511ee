/** Of the native addon: where the names of hosts lead. */
export interface HostPins {
  /**
   * From now on a name leads to these addresses only, for connections of GStreamer's elements that are given a name (RTMP);
   * without addresses it leads nowhere. The newest pin of a name counts.
   *
   * @returns what takes it away again
   */
  pinHost(host: string, addresses: readonly string[]): number;
  /** Takes a pin away. Idempotent. */
  unpinHost(pin: number): void;
}
