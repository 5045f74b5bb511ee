import type { HeldShot, ShotKind, ShotPreset, ShotReason } from '../../shared/domain/shot.js';
import type { TrackId } from '../../shared/domain/track.js';

/** What the picture is to show. */
export interface Shot {
  /** How people are shown. */
  readonly kind: ShotKind;
  /** Why, at this moment. */
  readonly reason: ShotReason;
  /** PTS of the frame in which `kind` or the groups began, milliseconds. */
  readonly sincePtsMs: number;
  /**
   * Who is shown, from left to right; people of one group share a frame. Empty where the whole scene is shown.
   */
  readonly groups: readonly (readonly TrackId[])[];
  /**
   * How far the tiles of people who look or walk to a side are ahead of them, fraction of the tile's width, to the
   * right; absent for 0.
   */
  readonly looks?: ReadonlyMap<TrackId, number>;
  /** Whether it has to be there sooner than a change of shots takes, because two tiles show the same person. */
  readonly isUrgent: boolean;
  /** The shot that is held by hand; this one may be another, while there are no people for it. Absent for none. */
  readonly held?: HeldShot;
  /** How calmly shots change and follow people. @defaultValue normal */
  readonly preset?: ShotPreset;
}
