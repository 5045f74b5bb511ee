import type { Box } from '../../../shared/domain/box.js';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Frame } from '../../../shared/domain/frame.js';

/** Finds people in frames. */
export interface Detector {
  /** Name in models/manifest.json. */
  readonly model: string;
  /** One sentence for the log: why this model is used, and why a better one is not. */
  readonly reason: string;
  /**
   * Whether processor time goes before the last pixel: known faces are found in small inputs, and parts of the picture
   * that have not changed are searched seldom. @defaultValue false
   */
  readonly isThrifty?: boolean | undefined;
  /**
   * Detects on one frame, which need not outlive the call: it is retained while it is read. The result has the
   * frame's PTS. Rejects with a {@link DiptychError}, e.g. `DIPTYCH_E_GPU_LOST`.
   *
   * @param hints - expected boxes of people, new ones included, pixels of the frame; models that see regions of
   *   the picture search there first
   */
  detect(frame: Pick<Frame, 'handle' | 'width' | 'height' | 'ptsMs'>, hints?: readonly Box[]): Promise<DetectionSet>;
  /** Waits for detections under way, then frees the network; idempotent. */
  close(): Promise<void>;
}
