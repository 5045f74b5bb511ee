import type { SegmentJournal } from '../../../shared/domain/recording.js';
import { startOfSegment } from '../../../shared/recordings/segment-name.js';
import type { RecordOptions } from './record-options.js';
import type { LoggedSpan } from './tile-log.js';

/** A segment as far as it is known. */
export interface SegmentSpan {
  /** Name of its file. */
  readonly file: string;
  /** Running time of its first picture, ms. */
  readonly startMs: number;
  /** Running time of its end, or of now while it is written, ms. */
  readonly endMs: number;
  /** Whether it has ended. */
  readonly isComplete: boolean;
}

/**
 * Who was in which tile when, in one segment; times count from its first picture.
 *
 * @param nameOf - the name that is shown with a person in a tile
 */
export function segmentJournal(
  stream: string,
  { file, startMs, endMs, isComplete }: SegmentSpan,
  { shown, events }: LoggedSpan,
  nameOf: RecordOptions['nameOf'],
): SegmentJournal {
  const atS = (ptsMs: number): number => toSeconds(ptsMs - startMs);
  return {
    version: 1,
    ...{ stream, file, startedAt: startOfSegment(file) ?? '' },
    ...{ durationS: toSeconds(endMs - startMs), isComplete },
    shown: shown.map(({ ptsMs, layout, slots }) => ({
      ...{ atS: atS(ptsMs), layout },
      people: slots.flatMap((trackId, slot) => {
        if (trackId === undefined) return [];
        const name = nameOf(trackId, slot);
        return [{ slot, trackId, ...(name !== undefined && { name }) }];
      }),
    })),
    events: events.map(({ ptsMs, type, details }) => ({ atS: atS(ptsMs), type, details })),
  };
}

/** Milliseconds are exact enough. */
const toSeconds = (ms: number): number => Math.max(0, Math.round(ms)) / 1000;
