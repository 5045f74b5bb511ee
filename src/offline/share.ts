/** Of a file, 0 to 1, what lies before a time stamp; absent where its length is not known. */
export const shareOf = (ptsMs: number, durationMs: number | undefined): number | undefined =>
  durationMs === undefined ? undefined : Math.min(1, ptsMs / durationMs);
