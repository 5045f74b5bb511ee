import type { Size } from './box.js';

/** Where the pixels of a frame lie. */
export type FrameMemory = 'system' | 'cuda';

/**
 * 4:2:0 layouts that stages take; the graphs convert everything else. Of P010 (10 bits, in the upper
 * bits of 16) the eight most significant bits are seen.
 */
export type FrameFormat = 'I420' | 'NV12' | 'P010_10LE';

/** A number that stands for a ref-counted native frame; 0 is never used. */
export type FrameHandle = number;

/**
 * A frame as JavaScript sees it: numbers, never pixels. Whoever receives one owns one
 * reference and gives it back with `release(handle)`.
 */
export interface Frame extends Size {
  /** The native frame; valid until its last reference is released. */
  readonly handle: FrameHandle;
  /** Running time of the process-wide clock, milliseconds; strictly increasing within a graph. */
  readonly ptsMs: number;
  /** How the pixels are laid out. */
  readonly format: FrameFormat;
  /** Decides which stages can read it without a copy. */
  readonly memory: FrameMemory;
}
