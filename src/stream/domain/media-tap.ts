/** A sink element of a graph, from which `NativeAddon.link` feeds other graphs. */
export interface MediaTap {
  /** As `Graph.id`. */
  readonly graphId: string;
  /** Name of the element in the graph. */
  readonly element: string;
}

/** The encoded output: H.264 (AVC access units) and AAC (raw frames). */
export interface EncodedTaps {
  /** H.264. */
  readonly video: MediaTap;
  /** AAC. */
  readonly audio: MediaTap;
}
