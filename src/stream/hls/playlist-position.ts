import type { HlsSegment, HlsUnit, MediaPlaylist } from './hls-playlist.js';

/** What is read next: a segment, or a part of one. */
export interface PlaylistPosition {
  /** Number of the segment. */
  readonly sequence: number;
  /** Of its parts, from 0; 0 may be all of it. */
  readonly part: number;
}

/** What is at a position, and which comes after it. */
export interface FoundUnit {
  /** What to load. */
  readonly unit: HlsUnit;
  /** The segment that it is, or is part of. */
  readonly segment: HlsSegment;
  /** The next position. */
  readonly next: PlaylistPosition;
}

/** Where reading begins: at the beginning of a recording, else so far from the end as the playlist asks for. */
export function startPosition(playlist: MediaPlaylist): PlaylistPosition {
  const { segments, isRecording, holdBackS } = playlist;
  const first = { sequence: segments[0]?.sequence ?? 0, part: 0 };
  if (isRecording) return first;
  let fromEndS = 0;
  for (const { sequence, whole, parts } of [...segments].reverse()) {
    const wholeFromEndS = fromEndS + lengthOf({ whole, parts });
    for (let part = parts.length - 1; part > 0; part -= 1) {
      fromEndS += parts[part]?.durationS ?? 0;
      if (fromEndS >= holdBackS && parts[part]?.isIndependent === true) return { sequence, part };
    }
    fromEndS = wholeFromEndS;
    if (fromEndS >= holdBackS) return { sequence, part: 0 };
  }
  return first;
}

/** What is to be read at a position; `undefined` where it is not there yet. What is gone is passed over. */
export function unitAt({ segments }: MediaPlaylist, at: PlaylistPosition): FoundUnit | undefined {
  const segment = segments.find(({ sequence }) => sequence >= at.sequence);
  if (!segment) return undefined;
  const { sequence, whole, parts } = segment;
  const part = sequence === at.sequence ? at.part : 0;
  const following = { sequence: sequence + 1, part: 0 };
  if (whole && part === 0) return { unit: whole, segment, next: following };
  const unit = parts[part];
  if (unit) return { unit, segment, next: { sequence, part: part + 1 } };
  return whole ? unitAt({ segments } as MediaPlaylist, following) : undefined;
}

/** How much of a playlist follows a position, s. */
export function remainingS({ segments }: Pick<MediaPlaylist, 'segments'>, at: PlaylistPosition): number {
  return segments
    .filter(({ sequence }) => sequence >= at.sequence)
    .reduce((sum, segment) => {
      const { sequence, parts } = segment;
      const read = sequence === at.sequence ? parts.slice(0, at.part) : [];
      return sum + lengthOf(segment) - read.reduce((before, { durationS }) => before + durationS, 0);
    }, 0);
}

/** Whether a playlist begins anew with lower numbers, as after a restart of its server. */
export function isRestarted({ segments }: Pick<MediaPlaylist, 'segments'>, at: PlaylistPosition): boolean {
  const last = segments.at(-1);
  return last !== undefined && last.sequence + 1 < at.sequence;
}

const lengthOf = ({ whole, parts }: Pick<HlsSegment, 'parts'> & { readonly whole?: HlsUnit | undefined }): number =>
  whole?.durationS ?? parts.reduce((sum, { durationS }) => sum + durationS, 0);
