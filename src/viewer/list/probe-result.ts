/** What a source sends, as `POST /api/v1/probe` answers. */
export interface ProbeResult {
  /** Of the pictures. */
  readonly codec?: string;
  /** Pixels. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
  /** Measured. */
  readonly fps?: number;
  /** Codec of the sound, or `none`. */
  readonly audio?: string;
  /** Why there is no sound although the source offers some. */
  readonly audioReason?: string;
  /** GStreamer element. */
  readonly decoder?: string;
  /** A picture of the source, `data:` URL. */
  readonly thumbnail: string;
}

/** What a source sends, in one line: `H.264 · 1920 × 1080 · 25 fps · sound AAC`. */
export function probeText({ codec, width, height, fps, audio, audioReason, decoder }: ProbeResult): string {
  const hasSound = audio !== undefined && audio !== 'none';
  return [
    codec ?? '',
    width === undefined || height === undefined ? '' : `${width} × ${height}`,
    fps === undefined ? '' : `${Math.round(fps)} fps`,
    hasSound ? `sound ${audio}` : `no sound${audioReason === undefined ? '' : `: ${audioReason}`}`,
    decoder === undefined || decoder === 'none' ? '' : `decoded by ${decoder}`,
  ]
    .filter(Boolean)
    .join(' · ');
}
