/**
 * What is guarded against becoming slower: cost by floor as `diptych bench guard` found it, on a machine of 2 cores with
 * nothing else to do. A change that makes one of them better, or dearer for a good reason, writes it anew.
 */
export const GUARDED = {
  /** A frame of 1920×1080 through the whole chain on the CPU, by decoding it. */
  chain: 4.4,
  /** Two enlarged tiles composed on the CPU, by copying a picture of the same size. */
  compose: 5.8,
  /** What the main thread works on a frame, by operators that do nothing. */
  decide: 10.1,
  /** The gateway with one viewer and one RTMP target, by a bare pipeline that does the same. */
  overhead: 1.38,
} as const;
