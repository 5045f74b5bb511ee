/**
 * `split`: a tile for each person, or for each group that stands together · `together`: one frame that holds
 * everybody · `single`: one person, the whole picture · `wide`: the whole scene.
 */
export const SHOT_KINDS = ['split', 'together', 'single', 'wide'] as const;
/** One of {@link SHOT_KINDS}. */
export type ShotKind = (typeof SHOT_KINDS)[number];

/**
 * `apart`: nobody is in the tile of another person · `close`: tiles would show the same part of the scene ·
 * `same_person`: two tiles would show the same person · `alone`: one person is there · `entering`: somebody comes in
 * and has not settled yet · `nobody`: no person is there.
 */
export const SHOT_REASONS = ['apart', 'close', 'same_person', 'alone', 'entering', 'nobody'] as const;
/** One of {@link SHOT_REASONS}. */
export type ShotReason = (typeof SHOT_REASONS)[number];

/** The shot that a stream shows, or is changing to. */
export interface ShotStatus {
  /** How people are shown. */
  readonly kind: ShotKind;
  /** Why it was chosen. */
  readonly reason: ShotReason;
  /** ISO 8601, when it began. */
  readonly since: string;
}
