/** How far a command over a file is. */
export interface Progress {
  /** Frames that are done. */
  readonly frames: number;
  /** Of the whole file, 0 to 1; absent where its length is not known. */
  readonly share?: number | undefined;
  /** Since the first frame, ms. */
  readonly elapsedMs: number;
}

/** Before so much is done the time left is a guess, share of the file. */
const LEAST_SHARE = 0.01;

/** One line such as `42 %, 96 frames/s, 0:12 left`; without a known length, `1234 frames, 96 frames/s`. */
export function progressText({ frames, share, elapsedMs }: Progress): string {
  const rate = elapsedMs > 0 ? [`${Math.round((frames * 1000) / elapsedMs)} frames/s`] : [];
  if (share === undefined) return [`${frames} frames`, ...rate].join(', ');
  const done = Math.min(1, share);
  const left = done >= LEAST_SHARE ? [`${clockText((elapsedMs * (1 - done)) / done)} left`] : [];
  return [`${Math.floor(done * 100)} %`, ...rate, ...left].join(', ');
}

/** `65,000` → `1:05`; hours only where there are some. */
function clockText(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [first = 0, ...rest] = parts[0] === 0 ? parts.slice(1) : parts;
  return [String(first), ...rest.map((part) => String(part).padStart(2, '0'))].join(':');
}
