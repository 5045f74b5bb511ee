import type { LayoutName } from './layout.js';
import type { StatusError } from './status-error.js';
import type { TrackId } from './track.js';

/**
 * `off`: not wanted · `waiting`: wanted, and the stream does not run yet · `starting`: up to the first keyframe ·
 * `recording` · `retrying`: it failed, and is tried again.
 */
export const RECORDING_STATES = ['off', 'waiting', 'starting', 'recording', 'retrying'] as const;
/** One of {@link RECORDING_STATES}. */
export type RecordingState = (typeof RECORDING_STATES)[number];

/** How a stream is recorded. */
export interface RecordingStatus {
  /** Whether it is recorded now. */
  readonly state: RecordingState;
  /** ISO 8601, when `state` began. */
  readonly since: string;
  /** Name of the segment that is being written; absent while there is none. */
  readonly file?: string;
  /** Written since the stream was added, all segments together. */
  readonly bytes: number;
  /** Present while `retrying`. */
  readonly error?: StatusError;
}

/** A segment of a recording, as the API lists it. */
export interface RecordingSegment {
  /** Of its file; unique within the stream. */
  readonly name: string;
  /** Wall clock of the first picture, ISO 8601 in UTC. */
  readonly startedAt: string;
  /** Length, s; so far, while it is written. */
  readonly durationS: number;
  /** Size now, bytes. */
  readonly bytes: number;
  /** `writing`: by the stream, now · `whole`: it will not change any more. */
  readonly state: 'writing' | 'whole';
}

/** A person in a tile. */
export interface TilePerson {
  /** Index of the tile, 0 is the leftmost. */
  readonly slot: number;
  /** Number of the person, as in the status. */
  readonly trackId: TrackId;
  /** What is written at the foot of the tile, where something is. */
  readonly name?: string;
}

/** What the picture shows from a moment on. */
export interface ShownEntry {
  /** From the first picture of the segment, s. */
  readonly atS: number;
  /** How the picture is divided. */
  readonly layout: LayoutName;
  /** Who is in which tile, left to right. */
  readonly people: readonly TilePerson[];
}

/** Something that happened while a segment was written. */
export interface JournalEvent {
  /** From the first picture of the segment, s. */
  readonly atS: number;
  /**
   * `entered`, `left`, `moved`: a person and a tile · `swapped`: two people have exchanged their tiles · `shot`: the
   * layout changed · others are events of the stream, such as `swap_corrected`.
   */
  readonly type: string;
  /** Depend on the type. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** The JSON file beside a segment: who was in which tile when. */
export interface SegmentJournal {
  /** Of this form; 1. */
  readonly version: 1;
  /** Name of the stream. */
  readonly stream: string;
  /** Name of the segment. */
  readonly file: string;
  /** Wall clock of the first picture, ISO 8601 in UTC. */
  readonly startedAt: string;
  /** Length of the segment, s; while it is written, so far. */
  readonly durationS: number;
  /** False while the segment is written. */
  readonly isComplete: boolean;
  /** The first entry is what was shown at the beginning. */
  readonly shown: readonly ShownEntry[];
  /** In the order of time. */
  readonly events: readonly JournalEvent[];
}
