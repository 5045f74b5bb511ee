import type { Box } from '../../../shared/domain/box.js';
import type { Embedding } from '../../domain/embedding.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';
import type { Gallery } from './gallery.js';
import type { RiskReason } from './risk.js';

/** Somebody with an identity, seen or not. */
export interface Person {
  readonly id: TrackId;
  readonly gallery: Gallery;
  /** The track that is taken to be this person. */
  follower: Follower | undefined;
  seenPtsMs: number;
  /** Score and aspect of good crops, smoothed; undefined before the first one. */
  usual: { score: number; aspect: number } | undefined;
}

/** One look at a track that has to be told who it is. */
export interface Look {
  readonly embedding: Embedding;
  readonly quality: number;
  readonly ptsMs: number;
}

/** What the identity keeper knows of one track of the tracker. */
export class Follower {
  readonly trackId: TrackId;
  track: Track;
  person: Person | undefined;
  /** Its identity is sure enough to be shown. */
  isOnAir = false;
  /** Who it is has to be found out. */
  isOpen = false;
  openPtsMs = 0;
  /** PTS since which it is open, in sight and not on air; undefined otherwise. */
  waitingSincePtsMs: number | undefined;
  /** Probability-like, grows with every risk, back to 0 when the identity is confirmed. */
  doubt = 0;
  reasons = new Set<RiskReason>();
  looks: Look[] = [];
  /** Looks asked for since it is open or since the latest ones became worthless. */
  asks = 0;
  nextLookPtsMs = 0;
  lookPauseMs = 0;
  /** Looks asked for to fill the gallery, and PTS of the latest. */
  viewAsks = 0;
  viewAskPtsMs = Number.NEGATIVE_INFINITY;
  /** Embeddings of frames before this one may show somebody else. */
  validFromPtsMs = Number.NEGATIVE_INFINITY;
  /** PTS of the last sight before the latest set; −Infinity before the first. */
  seenPtsMs = Number.NEGATIVE_INFINITY;
  isVisible: boolean;
  /** Box of the detection in the latest set; only where it is visible. */
  found: Box;
  /** How surely it was found lately, in [0, 1]. */
  steadiness = 1;
  /** Root mean square of how far it was from its predictions lately, standard deviations, ≥ 1. */
  restlessness = 1;
  /** Quality of the crop in the latest set. */
  quality = 0;
  /** Somebody else was near in the latest set. */
  isTouched = false;
  /** Somebody was near until the latest set. */
  hasParted = false;
  /** People who may be hidden behind or beside this one. */
  readonly shadows = new Set<Person>();

  constructor(track: Track) {
    this.trackId = track.id;
    this.track = track;
    this.isVisible = track.state === 'tracked';
    this.found = track.box;
  }

  /** Takes in the tracker's newest state. */
  follow(track: Track): void {
    if (this.isVisible) this.seenPtsMs = this.track.seenPtsMs;
    this.track = track;
    this.isVisible = track.state === 'tracked';
    if (!this.isVisible) this.waitingSincePtsMs = undefined;
  }

  /** Gives up its identity for another one's former, which has to be confirmed. */
  displace(person: Person | undefined, ptsMs: number, doubt: number): void {
    this.person = person;
    this.isOnAir = false;
    this.doubt = Math.max(this.doubt, doubt);
    if (this.isVisible && !this.isOpen) this.open(ptsMs);
  }

  /** Starts to find out who this is. */
  open(ptsMs: number): void {
    this.isOpen = true;
    this.openPtsMs = ptsMs;
    this.forgetLooks(ptsMs);
    this.nextLookPtsMs = ptsMs;
    this.lookPauseMs = 0;
  }

  /** What was seen so far may have been somebody else. */
  forgetLooks(ptsMs: number): void {
    this.looks = [];
    this.asks = 0;
    this.validFromPtsMs = ptsMs;
  }

  /** Its identity is sure. */
  settle(): void {
    this.isOpen = false;
    this.isOnAir = true;
    this.waitingSincePtsMs = undefined;
    this.doubt = 0;
    this.reasons.clear();
    this.looks = [];
  }
}
