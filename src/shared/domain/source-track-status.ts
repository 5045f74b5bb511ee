/** A track that a camera offers. */
export interface SourceTrackStatus {
  /** Its place in what the camera offers, from 0. */
  readonly index: number;
  /** `other`: metadata, back channels and the like. */
  readonly kind: 'video' | 'audio' | 'other';
  /** What it is, such as `H264 1280x720`. */
  readonly format: string;
  /** Whether it is played. */
  readonly isTaken: boolean;
}
