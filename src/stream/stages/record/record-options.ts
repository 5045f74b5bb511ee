import type { EncodedTaps } from '../../domain/media-tap.js';
import type { TrackId } from '../../../shared/domain/track.js';
import type { TileLog } from './tile-log.js';

/** What is recorded, and where to. */
export interface RecordOptions {
  /** Name of the stream, and of its folder. */
  readonly stream: string;
  /** Folder of all recordings; made where `mayMake`. */
  readonly root: { readonly path: string; readonly mayMake: boolean };
  /** A segment ends before the keyframe with which it would be longer, s. */
  readonly segmentS: number;
  /** A segment ends before the keyframe with which it would be larger, MB (10⁶ bytes). */
  readonly segmentMb: number;
  /** The name that is shown with a person in a tile; asked whenever something is written. */
  readonly nameOf: (trackId: TrackId, slot: number) => string | undefined;
  /** The encoded output. */
  readonly taps: EncodedTaps;
  /** Who is in which tile. */
  readonly log: TileLog;
}
