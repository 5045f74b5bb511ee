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
 * and has not settled yet · `nobody`: no person is there · `too_soon`: people ask for another shot, and this one has
 * not lasted for `shots.minS` yet · `busy`: people come and go too quickly for other shots · `by_hand`: somebody asked for it.
 */
export const SHOT_REASONS = [
  'apart',
  'close',
  'same_person',
  'alone',
  'entering',
  'nobody',
  'too_soon',
  'busy',
  'by_hand',
] as const;
/** One of {@link SHOT_REASONS}. */
export type ShotReason = (typeof SHOT_REASONS)[number];

/** How calmly shots change and follow people. */
export const SHOT_PRESETS = ['calm', 'normal', 'lively'] as const;
/** One of {@link SHOT_PRESETS}. */
export type ShotPreset = (typeof SHOT_PRESETS)[number];

/** The shot that a stream shows, or is changing to. */
export interface ShotStatus {
  /** How people are shown. */
  readonly kind: ShotKind;
  /** Why it is shown now; it may change while the shot lasts. */
  readonly reason: ShotReason;
  /** ISO 8601, when it began. */
  readonly since: string;
  /** Whether shots are held by hand: present until that is released, also while the held shot cannot be shown. */
  readonly isHeld?: true;
  /** The shot that is held, present with `isHeld`; another `kind` is shown while there are no people for it. */
  readonly held?: HeldShot & {
    /** The name of `trackId`, as far as it is known. */
    readonly name?: string;
  };
  /** How calmly shots change and follow people: `shots.preset`. */
  readonly preset: ShotPreset;
}

/** A shot that is held by hand. */
export interface HeldShot extends Pick<AskedShot, 'kind' | 'trackId'> {
  /** Whether `trackId` cannot be shown, gone or left out, so that another person, or another shot, is shown. */
  readonly isMissing?: true;
}

/** A shot that somebody asked for; of `single`, whom it shows. */
export interface AskedShot {
  /** `take`: now, and for `shots.minS` at least · `hold`: until it is released. */
  readonly action: 'take' | 'hold';
  /** How people are shown. */
  readonly kind: ShotKind;
  /** Of `single` only: who is shown, with a tile or without; absent: who is nearest to the camera. */
  readonly trackId?: number;
}

/**
 * What a person may ask of the shot. `hold` without a kind holds the one that is shown; `release` lets the rules
 * decide again.
 */
export type ShotAction =
  | { readonly action: 'take'; readonly kind: ShotKind; readonly trackId?: number | undefined }
  | { readonly action: 'hold'; readonly kind?: ShotKind | undefined; readonly trackId?: number | undefined }
  | { readonly action: 'release' };

/** A wanted shot with the number of the wish, from 1; the same number is the same wish. */
export interface NumberedShot extends AskedShot {
  /** Rises with each wish. */
  readonly number: number;
}
