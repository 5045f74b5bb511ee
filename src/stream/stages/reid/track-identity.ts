import type { Box } from '../../../shared/domain/box.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';
import { Displacement } from './displacement.js';
import type { AppearanceSample, Gallery } from './gallery.js';
import type { RiskReason } from './risk.js';

/** A person with an identity, in sight or not. */
export interface KnownPerson {
  /** The identity: counted from 1, never used twice. */
  readonly id: TrackId;
  /** Embeddings of this person. */
  readonly gallery: Gallery;
  /** The track that has this identity now; `undefined` while no track has it. */
  holder: TrackIdentity | undefined;
  /** PTS of the first detection, milliseconds; −Infinity for those who were known to an earlier run. */
  readonly bornPtsMs: number;
  /** PTS of the latest detection, milliseconds. */
  seenPtsMs: number;
  /** Score in [0, 1] and width over height of good crops, smoothed; `undefined` before the first one. */
  usual: { score: number; aspect: number } | undefined;
  /** Identities that turned out to be this person. */
  mergedIds: readonly TrackId[];
  /** Identities that were in sight at the same time, apart: other people for sure. */
  readonly seenWith: Set<TrackId>;
}

/**
 * What is known of the identity of one track of the tracker. A track is *unresolved* from the moment at
 * which it may show another person until embeddings have decided who it is, and *confirmed* while its
 * identity is sure enough to be shown.
 */
export class TrackIdentity {
  /** Id that the tracker gave; not an identity. */
  readonly trackId: TrackId;
  /** State of the track in the latest detection set. */
  track: Track;
  /** The person that the track has the identity of; `undefined` before it has one. */
  person: KnownPerson | undefined;
  /** The identity is sure enough to be shown. */
  isConfirmed = false;
  /** Embeddings have to decide who this is. */
  isUnresolved = false;
  /** PTS since which it is unresolved, milliseconds. */
  unresolvedSincePtsMs = 0;
  /** The picture was cut since its identity was sure. */
  isCut = false;
  /** How far its detections lie from what was expected. */
  readonly displacement = new Displacement();
  /** PTS since which it is in sight and not confirmed, milliseconds; `undefined` otherwise. */
  waitingSincePtsMs: number | undefined;
  /** Probability that the identity is wrong, in [0, 1): grows with each risk, 0 when confirmed. */
  uncertainty = 0;
  /** What made it uncertain. */
  reasons = new Set<RiskReason>();
  /** Embeddings that came since the track is unresolved. */
  samples: AppearanceSample[] = [];
  /** Embeddings asked for since the track is unresolved, or since the samples were discarded. */
  requestCount = 0;
  /** No embedding is asked for before this PTS, milliseconds. */
  nextRequestPtsMs = 0;
  /** Pause between requests, milliseconds. */
  requestPauseMs = 0;
  /** Embeddings asked for to fill the gallery. */
  galleryRequestCount = 0;
  /** PTS of the latest of them, milliseconds; −Infinity before the first. */
  galleryRequestPtsMs = Number.NEGATIVE_INFINITY;
  /** Embeddings of earlier frames may show another person, milliseconds. */
  validFromPtsMs = Number.NEGATIVE_INFINITY;
  /** PTS of the last detection before the latest set, milliseconds; −Infinity before the first. */
  seenPtsMs = Number.NEGATIVE_INFINITY;
  /** Matched in the latest set. */
  isVisible: boolean;
  /** Box of the detection in the latest set, pixels; current only while `isVisible`. */
  detectionBox: Box;
  /** How reliably the detector found this track lately, in [0, 1]: 1 = always, with a high score. */
  reliability = 1;
  /** Root mean square of recent distances from the prediction, in its standard deviations, ≥ 1. */
  usualOffset = 1;
  /** Quality of the crop in the latest set, in [0, 1] (`crop-quality.ts`). */
  cropQuality = 0;
  /** Nothing seems to cover it in the latest set: nobody is near, and it is found as surely and as wide as usual. */
  isClear = true;
  /** Another person overlaps it in the latest set. */
  isOverlapped = false;
  /** Another person overlapped it in the set before, and none does now. */
  hasSeparated = false;
  /** People who may be hidden behind or beside this one. */
  readonly occluded = new Set<KnownPerson>();

  constructor(track: Track) {
    this.trackId = track.id;
    this.track = track;
    this.isVisible = track.state === 'tracked';
    this.detectionBox = track.box;
  }

  /** Takes in the tracker's newest state of this track. */
  update(track: Track): void {
    if (this.isVisible) this.seenPtsMs = this.track.seenPtsMs;
    this.track = track;
    this.isVisible = track.state === 'tracked';
    if (!this.isVisible) this.waitingSincePtsMs = undefined;
  }

  /**
   * Another track gets this one's identity; this one gets the other's former identity, which embeddings
   * have to confirm.
   *
   * @param person - the other's former identity; `undefined` where it had none
   * @param ptsMs - PTS of the latest set, milliseconds
   * @param uncertainty - at least this uncertain from now on, in [0, 1)
   */
  displace(person: KnownPerson | undefined, ptsMs: number, uncertainty: number): void {
    this.person = person;
    this.isConfirmed = false;
    this.uncertainty = Math.max(this.uncertainty, uncertainty);
    if (this.isVisible && !this.isUnresolved) this.markUnresolved(ptsMs);
  }

  /**
   * From now on embeddings have to decide who this is.
   *
   * @param ptsMs - PTS of the latest set, milliseconds
   */
  markUnresolved(ptsMs: number): void {
    this.isUnresolved = true;
    this.unresolvedSincePtsMs = ptsMs;
    this.discardSamples(ptsMs);
    this.nextRequestPtsMs = ptsMs;
    this.requestPauseMs = 0;
  }

  /**
   * Forgets the samples: they may show another person.
   *
   * @param ptsMs - only embeddings of this PTS and later count, milliseconds
   */
  discardSamples(ptsMs: number): void {
    this.samples = [];
    this.requestCount = 0;
    this.validFromPtsMs = ptsMs;
  }

  /** The identity is sure: the track may be shown, and nothing is uncertain any more. */
  confirm(): void {
    this.isUnresolved = false;
    this.isCut = false;
    this.isConfirmed = true;
    this.waitingSincePtsMs = undefined;
    this.uncertainty = 0;
    this.reasons.clear();
    this.samples = [];
  }
}

/**
 * Brings the identities, by track id, up to date with the tracker: confirmed tracks are added, and those that
 * the tracker removed are dropped, so that their people have no holder.
 */
export function updateIdentities(identities: Map<TrackId, TrackIdentity>, tracks: readonly Track[]): void {
  const living = new Set<TrackId>();
  for (const track of tracks) {
    if (track.state === 'new' || track.state === 'removed') continue;
    living.add(track.id);
    const identity = identities.get(track.id);
    if (identity) identity.update(track);
    else identities.set(track.id, new TrackIdentity(track));
  }
  for (const identity of identities.values()) {
    if (living.has(identity.trackId)) continue;
    identities.delete(identity.trackId);
    if (identity.person) identity.person.holder = undefined;
  }
}
