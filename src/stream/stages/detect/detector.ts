import type { Box } from '../../../shared/domain/box.js';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Frame } from '../../../shared/domain/frame.js';

/** Finds people in frames. One frame is worked on at a time; calls are answered in order. */
export interface Detector {
  /** Name in models/manifest.json. */
  readonly model: string;
  /** One sentence for the log: why this model, and why not a better one. */
  readonly reason: string;
  /**
   * The frame need not outlive the call: what is read later is retained. The result carries the
   * frame's PTS.
   *
   * @param hints - boxes where people are thought to be, new ones included, pixels of the frame;
   * models that see parts of the picture look there first.
   */
  detect(frame: Pick<Frame, 'handle' | 'width' | 'height' | 'ptsMs'>, hints?: readonly Box[]): Promise<DetectionSet>;
  /** Answers what was asked before, then ends; idempotent. */
  close(): Promise<void>;
}
