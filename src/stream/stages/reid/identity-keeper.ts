import type { Point } from '../../../shared/domain/box.js';
import type { Size } from '../../../shared/domain/box.js';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../domain/embedding.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';
import { appearanceOf, type Appearance } from './appearance.js';
import { Follower, type Look, type Person } from './track-identity.js';
import type { IdentityEvent } from './identity-events.js';
import type { IdentityCounts, IdentityKeeperOptions, ReidMode } from './identity-options.js';
import { decideJointly, type Suspect } from './joint-decision.js';
import { LookLedger } from './embedding-budget.js';
import { ReturnTally } from './return-stats.js';
import { assessRisk, DEFAULT_RISK_WEIGHTS, type Risk, type RiskWeights } from './risk.js';
import { meanSimilarity, remember, Roster } from './identity-store.js';
import {
  cameraDrift,
  castShadows,
  gapS,
  hidersOf,
  isMistakable,
  liftShadows,
  noteJump,
  noteSteadiness,
  noteSurroundings,
  strongestRivalry,
} from './suspicion.js';

/** A crop worse than this shows too little to tell people apart. */
const LOOK_QUALITY = 0.3;
/** Only better crops get into a gallery. */
const VIEW_QUALITY = 0.8;
/** … and only of tracks with less doubt. */
const VIEW_DOUBT = 0.15;
/** Views a gallery is filled with at first, and how far apart they are taken. */
const FIRST_VIEWS = 4;
const FIRST_VIEW_PAUSE_MS = 150;
/** After so many tries, crops of which nothing can be made are tried less often. */
const EAGER_VIEWS = 8;
const VIEW_PAUSE_MS = 1_000;
/** A gallery is refreshed this often when all is well. */
const REFRESH_MS = 10_000;
/** Looks at one open track in a row, then with pauses that double up to the longest. */
const EAGER_LOOKS = 4;
const FIRST_PAUSE_MS = 60;
const LONGEST_PAUSE_MS = 250;
/** A rivalry over it makes earlier looks worthless: they may show the other one. */
const WORTHLESS_RIVALRY = 0.3;
/** Somebody in sight is not left without an identity longer than this … */
const LONGEST_WAIT_MS = 500;
/** … or, where there was no crop worth a look at somebody new, than this. */
const LONGEST_BLIND_WAIT_MS = 2_000;
/** When people part, this share of the threshold is doubt enough for a look. */
const PARTED_SHARE = 1 / 3;
/** How often the looks that were not needed are told. */
const SKIPPED_EVERY_MS = 5_000;

/**
 * Gives tracks lasting identities. Below a risk nothing is looked at; above it the tracks in
 * question are compared with the galleries of everybody known, jointly, and keep, exchange or get
 * back their identities. An identity goes on air only when it is sure; what is doubtful is held back
 * or goes on under the identity it had.
 *
 * Four steps a frame, so that embeddings may come at once or frames later: {@link observe},
 * {@link requests}, {@link learn} (after which there may be more requests), {@link tracks}.
 * No clock, no I/O. Ids are counted here, from 1, never used twice.
 *
 * Sources: joint correction after people part, FC-Track (2603.12758); when to look at all, Bayar &
 * Aker 2024; tracklets with a velocity-consistent return, OC-SORT (2203.14360); appearance beside
 * motion, BoT-SORT (2206.14651).
 */
export class IdentityKeeper {
  readonly #mode: ReidMode;
  readonly #appearance: Appearance;
  readonly #threshold: number;
  readonly #weights: RiskWeights;
  readonly #picture: Size | undefined;
  readonly #followers = new Map<TrackId, Follower>();
  readonly #roster: Roster;
  readonly #ledger: LookLedger;
  #events: IdentityEvent[] = [];
  #ptsMs = Number.NEGATIVE_INFINITY;
  readonly #returns = new ReturnTally();
  /** How far the camera moved since people were looked at because of it, fading, pixels. */
  #drift: Point = { x: 0, y: 0 };
  #swapsSuspected = 0;
  #swapsCorrected = 0;
  /** Looks that were not needed, as told last. */
  #told = { ptsMs: Number.NEGATIVE_INFINITY, skipped: 0 };

  constructor(options: IdentityKeeperOptions = {}) {
    this.#mode = options.mode ?? 'conditional';
    this.#appearance = appearanceOf(options.metric ?? 'cosine');
    this.#threshold = options.riskThreshold ?? 0.3;
    this.#weights = options.riskWeights ?? DEFAULT_RISK_WEIGHTS;
    this.#picture = options.picture;
    this.#roster = new Roster(this.#appearance);
    this.#ledger = new LookLedger(this.#mode === 'always' ? Infinity : (options.maxActivationRatio ?? 0.09));
  }

  get counts(): IdentityCounts {
    const { matched, computed } = this.#ledger;
    return {
      matched,
      computed,
      skipped: matched - computed,
      swapsSuspected: this.#swapsSuspected,
      swapsCorrected: this.#swapsCorrected,
    };
  }

  /** What happened since the last call. */
  takeEvents(): readonly IdentityEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Takes in the tracker's answer to one detection set. */
  observe(set: DetectionSet, tracks: readonly Track[]): void {
    const elapsedS = Number.isFinite(this.#ptsMs) ? (set.ptsMs - this.#ptsMs) / 1000 : 0;
    this.#ptsMs = set.ptsMs;
    this.#returns.pass(elapsedS);
    this.#follow(tracks);
    this.#roster.forget(set.ptsMs);
    const all = [...this.#followers.values()];
    const visible = all.filter(({ isVisible }) => isVisible);
    this.#ledger.begin(set.ptsMs, visible.length);
    noteSurroundings(set, all, this.#picture);
    castShadows(all);
    this.#drift = cameraDrift(this.#drift, visible, elapsedS);
    const mistakable = visible.filter((follower) => isMistakable(follower, all, this.#drift));
    for (const follower of visible) this.#assess(follower, all, mistakable, elapsedS);
    if (mistakable.length > 0) {
      for (const follower of visible) this.#suspect(follower);
      this.#drift = { x: 0, y: 0 };
    }
    for (const { person } of visible) if (person) person.seenPtsMs = set.ptsMs;
    liftShadows(all, set.ptsMs);
    this.#endWaiting(visible);
    this.#tellSkipped();
  }

  /** Whom to look at in the latest set; nobody is asked for twice. */
  requests(): readonly EmbeddingRequest[] {
    if (this.#mode === 'off') return [];
    const requests: EmbeddingRequest[] = [];
    const visible = [...this.#followers.values()].filter(({ isVisible }) => isVisible);
    for (const follower of visible.sort((a, b) => b.doubt - a.doubt)) {
      const request = this.#wantsLook(follower) ? this.#ledger.ask(follower, this.#ptsMs) : undefined;
      if (!request) continue;
      requests.push(request);
      if (!follower.isOpen) {
        follower.viewAsks += 1;
        follower.viewAskPtsMs = this.#ptsMs;
        continue;
      }
      follower.asks += 1;
      follower.nextLookPtsMs = this.#ptsMs + follower.lookPauseMs;
      if (follower.asks < EAGER_LOOKS) continue;
      follower.lookPauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * follower.lookPauseMs));
    }
    return requests;
  }

  /** Takes in embeddings, of the latest set or of earlier ones, and decides what can be decided. */
  learn(results: readonly EmbeddingResult[]): void {
    for (const result of results) this.#takeLook(result);
    this.#resolve();
  }

  /**
   * Everybody whose identity is known, under it. Who is in sight but not sure yet comes as `lost`, so
   * that a tile holds; a track that nobody knows yet is left out.
   *
   * @param tracks the tracker's tracks at the PTS that is asked for
   */
  tracks(tracks: readonly Track[]): readonly Track[] {
    const named: Track[] = [];
    for (const track of tracks) {
      const follower = this.#followers.get(track.id);
      if (!follower?.person) continue;
      const { id } = follower.person;
      if (track.state === 'tracked' && !follower.isOnAir) named.push({ ...track, id, state: 'lost' });
      else named.push({ ...track, id });
    }
    return named;
  }

  /** Brings the followers up to date with the tracks. */
  #follow(tracks: readonly Track[]): void {
    const living = new Set<TrackId>();
    for (const track of tracks) {
      if (track.state === 'new' || track.state === 'removed') continue;
      living.add(track.id);
      const follower = this.#followers.get(track.id);
      if (follower) follower.follow(track);
      else this.#followers.set(track.id, new Follower(track));
    }
    for (const follower of this.#followers.values()) {
      if (living.has(follower.trackId)) continue;
      this.#followers.delete(follower.trackId);
      if (follower.person) follower.person.follower = undefined;
    }
  }

  /** Adds this frame's risk to a follower's doubt and opens it where that becomes too much. */
  #assess(follower: Follower, all: readonly Follower[], mistakable: readonly Follower[], elapsedS: number): void {
    const gap = gapS(follower, this.#ptsMs, elapsedS);
    const hiders = gap > 0 ? hidersOf(follower, all) : [];
    const rivalry = strongestRivalry(follower, all);
    const isMissing = this.#roster.isSomebodyMissing;
    const { prediction } = follower.track;
    const risk = assessRisk(
      {
        rivalry,
        shadowS: follower.shadows.size > 0 ? elapsedS : 0,
        jump: noteJump(follower, elapsedS),
        gapS: gap,
        hasEmerged: hiders.length > 0,
        harmlessness: this.#returns.harmlessness,
        steadiness: follower.steadiness,
        logResize: prediction ? Math.log(follower.found.height / prediction.box.height) : 0,
        isMistakable: mistakable.includes(follower),
        isNewcomer: !follower.person && isMissing,
      },
      this.#weights,
    );
    noteSteadiness(follower, gap, elapsedS);
    if (!follower.person && !isMissing) {
      this.#name(follower, this.#roster.add(this.#ptsMs), 'new_identity', [], risk);
      return;
    }
    this.#addDoubt(follower, risk);
    if (rivalry > WORTHLESS_RIVALRY) follower.forgetLooks(this.#ptsMs);
    if (gap > 0 && follower.isOpen) {
      follower.isOnAir = false;
      follower.forgetLooks(this.#ptsMs);
      for (const hider of hiders) this.#suspect(hider);
    }
  }

  #addDoubt(follower: Follower, risk: Risk): void {
    if (follower.person?.gallery.size === 0) return;
    follower.doubt = 1 - (1 - follower.doubt) * (1 - risk.value);
    for (const reason of risk.reasons) follower.reasons.add(reason);
    const threshold = follower.hasParted ? PARTED_SHARE * this.#threshold : this.#threshold;
    if (!follower.isOpen && follower.doubt >= threshold) this.#open(follower);
  }

  /** Has somebody looked at who did nothing risky, because another one did. */
  #suspect(follower: Follower): void {
    if (follower.isOpen || !follower.isVisible || follower.person?.gallery.size === 0) return;
    follower.doubt = Math.max(follower.doubt, this.#threshold);
    this.#open(follower);
  }

  #open(follower: Follower): void {
    follower.open(this.#ptsMs);
    if (!follower.person) return;
    this.#swapsSuspected += 1;
    this.#events.push({
      ptsMs: this.#ptsMs,
      name: 'swap_suspected',
      trackId: follower.person.id,
      risk: follower.doubt,
      reasons: [...follower.reasons],
    });
  }

  /** Somebody who waits too long gets the benefit of the doubt. */
  #endWaiting(visible: readonly Follower[]): void {
    for (const follower of visible) {
      if (follower.isOnAir) continue;
      follower.waitingSincePtsMs ??= this.#ptsMs;
      const waitedMs = this.#ptsMs - follower.waitingSincePtsMs;
      if (follower.person) {
        if (waitedMs >= LONGEST_WAIT_MS) follower.isOnAir = true;
      } else if (waitedMs >= (follower.looks.length > 0 ? LONGEST_WAIT_MS : LONGEST_BLIND_WAIT_MS)) {
        this.#name(follower, this.#roster.add(this.#ptsMs), 'new_identity', follower.looks, riskOf(follower));
      }
    }
  }

  #wantsLook(follower: Follower): boolean {
    if (this.#mode === 'always') return follower.quality >= LOOK_QUALITY;
    if (follower.isOpen) return follower.quality >= LOOK_QUALITY && this.#ptsMs >= follower.nextLookPtsMs;
    if (!follower.person || !isGoodView(follower)) return false;
    const { size, newestPtsMs } = follower.person.gallery;
    const isDue = size < FIRST_VIEWS || this.#ptsMs - newestPtsMs >= REFRESH_MS;
    const pauseMs = follower.viewAsks < EAGER_VIEWS ? FIRST_VIEW_PAUSE_MS : VIEW_PAUSE_MS;
    return isDue && this.#ptsMs - Math.max(newestPtsMs, follower.viewAskPtsMs) >= pauseMs;
  }

  #takeLook(result: EmbeddingResult): void {
    const { trackId, ptsMs, embedding } = result;
    const quality = this.#ledger.answer(result);
    const follower = this.#followers.get(trackId);
    if (quality === undefined || !embedding || !follower || ptsMs < follower.validFromPtsMs) return;
    const look: Look = { embedding: this.#appearance.prepare(embedding), quality, ptsMs };
    if (follower.isOpen) {
      follower.looks.push(look);
      return;
    }
    if (!follower.person || !isGoodView(follower)) return;
    if (this.#isUnlike(follower.person, look)) {
      this.#suspect(follower);
      follower.looks.push(look);
    } else remember(follower.person, look, follower);
  }

  /** A look that was meant for the gallery shows somebody else. */
  #isUnlike({ gallery }: Person, { embedding }: Look): boolean {
    if (gallery.size < 2) return false;
    return gallery.similarity(embedding)! < (this.#appearance.typicalOther + gallery.typicalSame) / 2;
  }

  /** Decides about everybody who is open and was looked at. */
  #resolve(): void {
    const open = [...this.#followers.values()].filter(({ isOpen, looks }) => isOpen && looks.length > 0);
    if (open.length === 0) return;
    const known = this.#roster.familiar;
    const suspects = known.map(({ gallery, follower }): Suspect => ({
      typicalSame: gallery.typicalSame,
      likenessTo: (other) => gallery.likenessTo(known[other]!.gallery)!,
      isSettled: follower?.isVisible === true && !follower.isOpen,
    }));
    const witnesses = open.map(({ looks }) => ({
      similarities: known.map(({ gallery }) => meanSimilarity(gallery, looks)),
      looks: looks.length,
    }));
    const verdicts = decideJointly(witnesses, suspects, this.#appearance.typicalOther);
    for (const [index, follower] of open.entries()) {
      const verdict = verdicts[index]!;
      const risk = riskOf(follower);
      if (verdict.kind === 'person') {
        const person = known[verdict.suspect]!;
        this.#name(follower, person, follower.person ? 'swap_corrected' : 'reentry', follower.looks, risk);
      } else if (verdict.kind === 'stranger') {
        this.#name(follower, this.#roster.add(this.#ptsMs), 'new_identity', follower.looks, risk);
      } else if (verdict.kind === 'contested') {
        const { follower: holder } = known[verdict.suspect]!;
        if (holder) this.#suspect(holder);
      }
    }
  }

  /** Makes a follower that person; who was that person until now gets the follower's old identity. */
  #name(follower: Follower, person: Person, event: IdentityEvent['name'], looks: readonly Look[], risk: Risk): void {
    const former = follower.person;
    if (former && follower.reasons.has('returned')) this.#returns.note(former === person);
    if (former !== person) {
      const displaced = person.follower;
      if (former) former.follower = displaced;
      displaced?.displace(former, this.#ptsMs, this.#threshold);
      follower.person = person;
      person.follower = follower;
      if (event === 'swap_corrected') this.#swapsCorrected += 1;
      this.#events.push({
        ptsMs: this.#ptsMs,
        name: event,
        trackId: person.id,
        ...(former ? { formerTrackId: former.id } : {}),
        risk: risk.value,
        reasons: risk.reasons,
        ...(looks.length > 0 ? { distances: this.#roster.distances(looks) } : {}),
      });
    }
    const best = looks.at(-1);
    follower.settle();
    if (best && best.quality >= VIEW_QUALITY && isGoodView(follower)) remember(person, best, follower);
  }

  #tellSkipped(): void {
    const { ptsMs, skipped } = this.#told;
    if (this.#ptsMs - ptsMs < SKIPPED_EVERY_MS) return;
    const now = this.counts.skipped;
    if (Number.isFinite(ptsMs) && now > skipped) {
      this.#events.push({ ptsMs: this.#ptsMs, name: 'reid_skipped', count: now - skipped, risk: 0, reasons: [] });
    }
    this.#told = { ptsMs: this.#ptsMs, skipped: now };
  }
}

const riskOf = ({ doubt, reasons }: Follower): Risk => ({ value: doubt, reasons: [...reasons] });

/** Alone, well visible and beyond doubt: such a crop may become part of a gallery. */
const isGoodView = ({ quality, isTouched, shadows, doubt, isOnAir }: Follower): boolean =>
  quality >= VIEW_QUALITY && !isTouched && shadows.size === 0 && isOnAir && doubt < VIEW_DOUBT;
