import type { ReidMode } from './identity-options.js';
import type { KnownPerson, TrackIdentity } from './track-identity.js';

/** A crop of lower quality shows too little to tell people apart. */
const MIN_QUALITY = 0.3;
/** Only crops of at least this quality get into a gallery, of tracks that are less uncertain than this. */
const GALLERY_QUALITY = 0.8;
const GALLERY_UNCERTAINTY = 0.15;
/** Samples that a gallery is filled with at first, and the pause between them. */
const FIRST_SAMPLES = 4;
const FIRST_SAMPLE_PAUSE_MS = 150;
/** After so many requests without a full gallery (its crops give no embedding), the pause is longer. */
const QUICK_GALLERY_REQUESTS = 8;
const SLOW_SAMPLE_PAUSE_MS = 1_000;
/** Somebody whose identity is sure is looked at this often: another person may have come without a missed frame. */
const LOOK_MS = 2_000;
/** A full gallery gets a new sample this often. */
const REFRESH_MS = 10_000;
/** Requests for one unresolved track without a pause; then pauses that double, from the first to the longest. */
const QUICK_REQUESTS = 4;
const FIRST_PAUSE_MS = 60;
const LONGEST_PAUSE_MS = 250;

/**
 * Whether an embedding of a visible track's crop is wanted now: to resolve its identity, or to fill and
 * refresh the gallery of its person.
 *
 * @param ptsMs - PTS of the latest set, milliseconds
 * @param turn - when it is this track's turn among those in sight, in [0, 1)
 */
export function needsEmbedding(identity: TrackIdentity, ptsMs: number, mode: ReidMode, turn = 0): boolean {
  if (mode === 'off') return false;
  if (mode === 'always') return identity.cropQuality >= MIN_QUALITY;
  if (identity.isUnresolved) return identity.cropQuality >= MIN_QUALITY && ptsMs >= identity.nextRequestPtsMs;
  if (!identity.person || !isFitToLook(identity)) return false;
  const { gallery } = identity.person;
  const lastPtsMs = Math.max(gallery.newestPtsMs, identity.galleryRequestPtsMs);
  if (gallery.size < FIRST_SAMPLES) return ptsMs - lastPtsMs >= fillPauseMs(identity);
  // People are looked at in turns: who looks at one of two notices that they were exchanged.
  const turnPtsMs = Math.floor(ptsMs / LOOK_MS - turn) * LOOK_MS + turn * LOOK_MS;
  return lastPtsMs < turnPtsMs && ptsMs - lastPtsMs >= LOOK_MS / 2;
}

/** Until the next embedding of a track whose gallery is not full, ms. */
const fillPauseMs = ({ galleryRequestCount }: TrackIdentity): number =>
  galleryRequestCount < QUICK_GALLERY_REQUESTS ? FIRST_SAMPLE_PAUSE_MS : SLOW_SAMPLE_PAUSE_MS;

/** Whether the gallery is to have another sample. */
export const isGalleryDue = ({ gallery }: KnownPerson, ptsMs: number): boolean =>
  gallery.size < FIRST_SAMPLES || ptsMs - gallery.newestPtsMs >= REFRESH_MS;

/**
 * Whether a look at this track shows whether it is still the same person: a good crop, nobody near, and nobody hidden
 * whom it may turn into. Of a new person an uncovered face is enough: it is to be known soon whether they are new.
 */
export const isFitToLook = ({ cropQuality, isOverlapped, isConfirmed, ...identity }: TrackIdentity): boolean =>
  cropQuality >= GALLERY_QUALITY && !isOverlapped && isConfirmed && (identity.occluded.size === 0 || isNew(identity));

/** A person of whom little is known, and whose face nothing covers. */
const isNew = ({ person, isClear }: Pick<TrackIdentity, 'person' | 'isClear'>): boolean =>
  isClear && person !== undefined && person.gallery.size < FIRST_SAMPLES;

/**
 * Notes that an embedding was asked for, which decides when the next one may be.
 *
 * @param ptsMs - PTS of the latest set, milliseconds
 */
export function noteRequest(identity: TrackIdentity, ptsMs: number): void {
  if (!identity.isUnresolved) {
    identity.galleryRequestCount += 1;
    identity.galleryRequestPtsMs = ptsMs;
    return;
  }
  identity.requestCount += 1;
  identity.nextRequestPtsMs = ptsMs + identity.requestPauseMs;
  if (identity.requestCount < QUICK_REQUESTS) return;
  identity.requestPauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * identity.requestPauseMs));
}

/**
 * Whether a sample of this track may get into a gallery: a good crop, nobody near or occluded, identity sure.
 *
 * @param quality - of the sample's crop, in [0, 1]
 */
export const isFitForGallery = (identity: TrackIdentity, quality = 1): boolean =>
  quality >= GALLERY_QUALITY && isFitToLook(identity) && identity.uncertainty < GALLERY_UNCERTAINTY;
