/** A segment as far as it matters for how long it is kept. */
export interface KeptSegment {
  /** Of its file. */
  readonly name: string;
  /** Of the file, bytes. */
  readonly bytes: number;
  /** When it ended, ms since 1970. */
  readonly endedMs: number;
  /** Whether it is being written; such a one is never deleted. */
  readonly isWriting: boolean;
}

/** How much is kept, and for how long. */
export interface Retention {
  /** All segments together, bytes, at most. */
  readonly maxBytes: number;
  /** Since a segment ended, ms. */
  readonly maxAgeMs: number;
}

/**
 * The segments to be deleted, oldest first: those that are too old, then as many of the oldest as bring all of them
 * within the limit of bytes. What is being written counts and stays.
 *
 * @param segments - in any order; their names sort by time
 */
export function segmentsToDelete(
  segments: readonly KeptSegment[],
  { maxBytes, maxAgeMs }: Retention,
  nowMs: number,
): readonly string[] {
  const oldestFirst = [...segments].sort((one, other) => (one.name < other.name ? -1 : 1));
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const names: string[] = [];
  for (const segment of oldestFirst) {
    if (segment.isWriting) continue;
    if (nowMs - segment.endedMs <= maxAgeMs && bytes <= maxBytes) continue;
    names.push(segment.name);
    bytes -= segment.bytes;
  }
  return names;
}
