/** A sink element of a graph, from which `NativeAddon.link` feeds other graphs. */
export interface MediaTap {
  readonly graphId: string;
  readonly element: string;
}

/** The encoded output: H.264 (AVC access units) and AAC (raw frames). */
export interface EncodedTaps {
  readonly video: MediaTap;
  readonly audio: MediaTap;
}
