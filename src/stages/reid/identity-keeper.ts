import { center, type Box, type Size } from '#domain/box.js';
import type { DetectionSet } from '#domain/detection.js';
import type { EmbeddingMetric, EmbeddingRequest, EmbeddingResult } from '#domain/embedding.js';
import type { Track, TrackId, TrackPrediction } from '#domain/track.js';
import { appearanceOf, type Appearance } from './appearance.js';
import { cropQuality } from './crop-quality.js';
import { Follower, type Look, type Person } from './follower.js';
import { Gallery } from './gallery.js';
import type { IdentityEvent } from './identity-events.js';
import { decideJointly, type Suspect, type Verdict } from './joint-decision.js';
import { assessRisk, DEFAULT_RISK_WEIGHTS, type Risk, type RiskWeights } from './risk.js';
import { contactOf, rivalryOf } from './rivalry.js';

/** `conditional`: look only when needed · `always`: look at everybody in every set · `off`: never. */
export type ReidMode = 'conditional' | 'always' | 'off';

export interface IdentityKeeperOptions {
  /** @defaultValue 'conditional' */
  readonly mode?: ReidMode;
  /** How the model's embeddings are compared. @defaultValue 'cosine' */
  readonly metric?: EmbeddingMetric;
  /** Doubt at which a track is looked at, in (0, 1). Lower looks more often. @defaultValue 0.3 */
  readonly riskThreshold?: number;
  readonly riskWeights?: RiskWeights;
  /** At most this share of the matched detections is embedded in the long run. @defaultValue 0.09 */
  readonly maxActivationRatio?: number;
  /** Size of the source picture: crops cut by its edge are trusted less. */
  readonly picture?: Size;
}

export interface IdentityCounts {
  /** Detections matched to tracks. */
  readonly matched: number;
  /** Embeddings asked for. */
  readonly computed: number;
  readonly swapsSuspected: number;
  readonly swapsCorrected: number;
}

/** A crop worse than this shows too little to tell people apart. */
const LOOK_QUALITY = 0.3;
/** Only better crops get into a gallery. */
const VIEW_QUALITY = 0.8;
/** Views a gallery is filled with at first, and how far apart they are taken. */
const FIRST_VIEWS = 4;
const FIRST_VIEW_PAUSE_MS = 150;
/** A gallery is refreshed this often when all is well. */
const REFRESH_MS = 10_000;
/** Looks at one open track in a row, then with pauses that double up to the longest. */
const EAGER_LOOKS = 4;
const FIRST_PAUSE_MS = 60;
const LONGEST_PAUSE_MS = 250;
/** A rivalry over it makes earlier looks worthless: they may show the other one. */
const WORTHLESS_RIVALRY = 0.3;
/** Boxes that share more than this of the smaller one are near each other. */
const NEAR_CONTACT = 0.1;
/** Somebody lost sight of in such a contact is taken to be hidden there … */
const HIDING_CONTACT = 0.15;
/** … for so long. */
const SHADOW_MS = 8_000;
/** Somebody in sight is not left without an identity longer than this. */
const LONGEST_WAIT_MS = 500;
/** Time constant of what is remembered of how steadily somebody was found. */
const STEADINESS_S = 2;
/** Time constant of what is remembered of how far a track is from its predictions. */
const RESTLESSNESS_S = 1;
/** So many harmless returns halve the risk of the next one, and time constant of forgetting them. */
const RETURN_PRIOR = 3;
const RETURN_MEMORY_S = 30;
/** When people part, this share of the threshold is doubt enough for a look. */
const PARTED_SHARE = 1 / 3;
/** A score over it speaks for a detector that is sure. */
const STEADY_SCORE = 0.6;
/** Answers that come later than this are of no use any more. */
const LATEST_ANSWER_MS = 2_000;
/** Smoothing of a person's usual score and aspect, per good crop. */
const USUAL_GAIN = 0.05;
/** What may be spent at once, in looks. */
const BURST_LOOKS = 40;

/**
 * Gives tracks lasting identities. Below a risk nothing is looked at; above it the tracks in
 * question are compared with the galleries of everybody known, jointly, and keep, exchange or get
 * back their identities. An identity goes on air only when it is sure; what is doubtful is held back
 * or goes on under the identity it had.
 *
 * Three steps a frame, so that embeddings may come at once or frames later:
 * {@link observe} → requests → {@link learn} (which may ask for more) → {@link tracks}.
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
  readonly #maxActivationRatio: number;
  readonly #picture: Size | undefined;
  readonly #followers = new Map<TrackId, Follower>();
  readonly #people: Person[] = [];
  readonly #asked = new Map<string, { readonly ptsMs: number; readonly quality: number }>();
  #events: IdentityEvent[] = [];
  #ptsMs = Number.NEGATIVE_INFINITY;
  #nextId = 1;
  #allowance = BURST_LOOKS;
  /** Returns after a gap that were looked at: how they turned out, old ones fading. */
  #returns = { same: 0, other: 0 };
  #counts = { matched: 0, computed: 0, swapsSuspected: 0, swapsCorrected: 0 };

  constructor(options: IdentityKeeperOptions = {}) {
    this.#mode = options.mode ?? 'conditional';
    this.#appearance = appearanceOf(options.metric ?? 'cosine');
    this.#threshold = options.riskThreshold ?? 0.3;
    this.#weights = options.riskWeights ?? DEFAULT_RISK_WEIGHTS;
    this.#maxActivationRatio = options.maxActivationRatio ?? 0.09;
    this.#picture = options.picture;
  }

  get counts(): IdentityCounts {
    return this.#counts;
  }

  /** What happened since the last call. */
  takeEvents(): readonly IdentityEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Takes in the tracker's answer to one detection set. @returns whom to look at now */
  observe(set: DetectionSet, tracks: readonly Track[]): readonly EmbeddingRequest[] {
    const elapsedS = Number.isFinite(this.#ptsMs) ? (set.ptsMs - this.#ptsMs) / 1000 : 0;
    this.#ptsMs = set.ptsMs;
    for (const [key, { ptsMs }] of this.#asked) if (set.ptsMs - ptsMs > LATEST_ANSWER_MS) this.#asked.delete(key);
    const fade = Math.exp(-elapsedS / RETURN_MEMORY_S);
    this.#returns = { same: fade * this.#returns.same, other: fade * this.#returns.other };
    const arrived = this.#follow(tracks);
    const visible = [...this.#followers.values()].filter(({ isVisible }) => isVisible);
    this.#counts.matched += visible.length;
    this.#allowance = Math.min(BURST_LOOKS, this.#allowance + this.#maxActivationRatio * visible.length);
    this.#judgeCrops(set, visible);
    this.#castShadows(visible);
    for (const follower of visible) this.#assess(follower, elapsedS, arrived.has(follower));
    this.#liftShadows(visible);
    this.#endWaiting(visible);
    return this.#request(visible);
  }

  /** Takes in embeddings. @returns whom to look at as well, in the latest set */
  learn(results: readonly EmbeddingResult[]): readonly EmbeddingRequest[] {
    for (const result of results) this.#takeLook(result);
    if (!this.#resolve()) return [];
    return this.#request([...this.#followers.values()].filter(({ isVisible }) => isVisible));
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

  /** Brings the followers up to date with the tracks. @returns the ones that have just come in sight */
  #follow(tracks: readonly Track[]): Set<Follower> {
    const arrived = new Set<Follower>();
    const living = new Set<TrackId>();
    for (const track of tracks) {
      if (track.state === 'new' || track.state === 'removed') continue;
      living.add(track.id);
      let follower = this.#followers.get(track.id);
      if (!follower) {
        follower = new Follower(track);
        this.#followers.set(track.id, follower);
        arrived.add(follower);
      }
      if (follower.isVisible) follower.seenPtsMs = follower.track.seenPtsMs;
      follower.track = track;
      follower.isVisible = track.state === 'tracked';
      if (!follower.isVisible) follower.waitingSincePtsMs = undefined;
    }
    for (const follower of this.#followers.values()) {
      if (living.has(follower.trackId)) continue;
      this.#followers.delete(follower.trackId);
      if (follower.person) follower.person.follower = undefined;
    }
    return arrived;
  }

  #judgeCrops({ detections }: DetectionSet, visible: readonly Follower[]): void {
    for (const follower of visible) follower.found = detections[follower.track.detectionIndex!]!.box;
    const boxes = visible.map(({ found }) => found);
    for (const follower of visible) {
      const detection = detections[follower.track.detectionIndex!]!;
      follower.quality = cropQuality(detection, boxes, follower.person?.usual, this.#picture);
      follower.hasParted = follower.isTouched;
      follower.isTouched = false;
      for (const other of this.#followers.values()) {
        if (other === follower) continue;
        const box = other.isVisible ? other.found : other.track.box;
        if (contactOf(follower.found, box) > NEAR_CONTACT) follower.isTouched = true;
      }
      follower.hasParted &&= !follower.isTouched;
    }
  }

  /** Notes who may be hidden by whom. */
  #castShadows(visible: readonly Follower[]): void {
    for (const hidden of this.#followers.values()) {
      if (hidden.isVisible || !hidden.person) continue;
      for (const follower of visible) {
        if (contactOf(follower.found, hidden.track.box) > HIDING_CONTACT) follower.shadows.add(hidden.person);
      }
    }
  }

  /** Forgets shadows of those who are surely out in the light. */
  #liftShadows(visible: readonly Follower[]): void {
    for (const follower of visible) {
      if (follower.person) follower.person.seenPtsMs = this.#ptsMs;
      for (const person of follower.shadows) {
        const isOut = person.follower?.isVisible === true && !person.follower.isOpen && !follower.isOpen;
        const isOwn = person === follower.person;
        if (isOwn || isOut || this.#ptsMs - person.seenPtsMs > SHADOW_MS) follower.shadows.delete(person);
      }
    }
  }

  /** Adds this frame's risk to a follower's doubt and opens it where that becomes too much. */
  #assess(follower: Follower, elapsedS: number, hasArrived: boolean): void {
    const { track } = follower;
    const gapS = this.#gapS(follower, elapsedS, hasArrived);
    const hiders = this.#hidersOf(follower);
    const rivalry = this.#rivalry(follower);
    const prediction = track.prediction;
    const missing = this.#people.some(
      (person) => person.gallery.size > 0 && (!person.follower?.isVisible || person.follower.isOpen),
    );
    const risk = assessRisk(
      {
        rivalry,
        shadowS: follower.shadows.size > 0 ? elapsedS : 0,
        jumpStds: this.#jump(follower, elapsedS),
        gapS,
        hasEmerged: gapS > 0 && hiders.length > 0,
        harmlessness: this.#harmlessness(),
        steadiness: follower.steadiness,
        logResize: prediction ? Math.log(follower.found.height / prediction.box.height) : 0,
        cameraConfusion: this.#cameraConfusion(follower),
        isNewcomer: !follower.person && missing,
      },
      this.#weights,
    );
    follower.steadiness *= Math.exp(-gapS / STEADINESS_S);
    const steady = track.score > STEADY_SCORE ? 1 : 0;
    follower.steadiness += (1 - Math.exp(-elapsedS / STEADINESS_S)) * (steady - follower.steadiness);

    if (!follower.person && !missing) {
      this.#name(follower, this.#newPerson(), [], risk);
      return;
    }
    this.#addDoubt(follower, risk);
    if (rivalry > WORTHLESS_RIVALRY) follower.forgetLooks(this.#ptsMs);
    if (gapS > 0 && follower.isOpen) {
      follower.isOnAir = false;
      follower.forgetLooks(this.#ptsMs);
      for (const hider of hiders) this.#suspect(hider);
    }
  }

  /** Those who may have hidden this one; they may be out of sight themselves by now. */
  #hidersOf({ person }: Follower): Follower[] {
    if (!person) return [];
    return [...this.#followers.values()].filter(({ shadows }) => shadows.has(person));
  }

  /** Has somebody looked at who did nothing risky, because the other one did. */
  #suspect(follower: Follower): void {
    if (follower.isOpen || !follower.isVisible || follower.person?.gallery.size === 0) return;
    follower.doubt = Math.max(follower.doubt, this.#threshold);
    this.#open(follower);
  }

  /** How often, lately, those who came back after a gap and were looked at turned out the same. */
  #harmlessness(): number {
    const { same, other } = this.#returns;
    return same / (same + RETURN_PRIOR + RETURN_PRIOR * other);
  }

  #gapS(follower: Follower, elapsedS: number, hasArrived: boolean): number {
    if (hasArrived || !Number.isFinite(follower.seenPtsMs)) return 0;
    const gapS = (this.#ptsMs - follower.seenPtsMs) / 1000 - elapsedS;
    if (gapS < elapsedS / 2) return 0;
    return gapS;
  }

  #rivalry(follower: Follower): number {
    const { prediction } = follower.track;
    if (!prediction) return 0;
    let worst = 0;
    for (const other of this.#followers.values()) {
      if (other === follower || !other.track.prediction) continue;
      const rival = { prediction: other.track.prediction, ...(other.isVisible ? { found: other.found } : {}) };
      worst = Math.max(worst, rivalryOf({ prediction, found: follower.found }, rival));
    }
    return worst;
  }

  /** Distance from the prediction, measured by what is usual for this track. */
  #jump(follower: Follower, elapsedS: number): number {
    const { prediction } = follower.track;
    if (!prediction) return 0;
    const offset = offsetStds(follower.found, prediction);
    const jump = offset / follower.restlessness;
    const meanSquare = follower.restlessness ** 2;
    const gain = 1 - Math.exp(-elapsedS / RESTLESSNESS_S);
    follower.restlessness = Math.sqrt(Math.max(1, meanSquare + gain * (offset ** 2 - meanSquare)));
    return jump;
  }

  /** How much of another one's place a follower would have taken, had the camera not moved. */
  #cameraConfusion({ track: { prediction }, found, trackId }: Follower): number {
    const shift = prediction?.cameraShift;
    if (!shift) return 0;
    let worst = 0;
    for (const other of this.#followers.values()) {
      const box = other.track.prediction?.box;
      if (other.trackId === trackId || !box) continue;
      worst = Math.max(worst, contactOf(found, { ...box, x: box.x - shift.x, y: box.y - shift.y }));
    }
    return worst;
  }

  #addDoubt(follower: Follower, risk: Risk): void {
    if (follower.person?.gallery.size === 0) return;
    follower.doubt = 1 - (1 - follower.doubt) * (1 - risk.value);
    for (const reason of risk.reasons) follower.reasons.add(reason);
    const threshold = follower.hasParted ? PARTED_SHARE * this.#threshold : this.#threshold;
    if (!follower.isOpen && follower.doubt >= threshold) this.#open(follower);
  }

  #open(follower: Follower): void {
    follower.open(this.#ptsMs);
    if (!follower.person) return;
    this.#counts.swapsSuspected += 1;
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
      if (this.#ptsMs - follower.waitingSincePtsMs < LONGEST_WAIT_MS) continue;
      if (follower.person) follower.isOnAir = true;
      else if (follower.quality >= LOOK_QUALITY && follower.looks.length > 0) {
        this.#name(follower, this.#newPerson(), follower.looks, { value: follower.doubt, reasons: [...follower.reasons] });
      }
    }
  }

  #request(visible: readonly Follower[]): EmbeddingRequest[] {
    if (this.#mode === 'off') return [];
    const requests: EmbeddingRequest[] = [];
    const ordered = [...visible].sort((a, b) => b.doubt - a.doubt);
    for (const follower of ordered) {
      if (!this.#wantsLook(follower)) continue;
      const key = `${follower.trackId}@${this.#ptsMs}`;
      if (this.#asked.has(key) || (this.#mode === 'conditional' && this.#allowance < 1)) continue;
      this.#asked.set(key, { ptsMs: this.#ptsMs, quality: follower.quality });
      this.#allowance -= 1;
      this.#counts.computed += 1;
      if (follower.isOpen) {
        follower.nextLookPtsMs = this.#ptsMs + follower.lookPauseMs;
        if (follower.looks.length >= EAGER_LOOKS) {
          follower.lookPauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * follower.lookPauseMs));
        }
      }
      requests.push({ ptsMs: this.#ptsMs, detectionIndex: follower.track.detectionIndex!, trackId: follower.trackId });
    }
    return requests;
  }

  #wantsLook(follower: Follower): boolean {
    if (this.#mode === 'always') return follower.quality >= LOOK_QUALITY;
    if (follower.isOpen) return follower.quality >= LOOK_QUALITY && this.#ptsMs >= follower.nextLookPtsMs;
    if (!follower.person || !isGoodView(follower)) return false;
    const { size, newestPtsMs } = follower.person.gallery;
    const pauseMs = this.#ptsMs - newestPtsMs;
    return size < FIRST_VIEWS ? pauseMs >= FIRST_VIEW_PAUSE_MS : pauseMs >= REFRESH_MS;
  }

  #takeLook({ trackId, ptsMs, embedding }: EmbeddingResult): void {
    const key = `${trackId}@${ptsMs}`;
    const quality = this.#asked.get(key)?.quality;
    const follower = this.#followers.get(trackId);
    if (quality === undefined || !embedding || !follower || ptsMs < follower.validFromPtsMs) return;
    const look: Look = { embedding: this.#appearance.prepare(embedding), quality, ptsMs };
    if (follower.isOpen) {
      follower.looks.push(look);
      return;
    }
    const { person } = follower;
    if (!person) return;
    const similarity = person.gallery.similarity(look.embedding);
    if (similarity !== undefined && person.gallery.size >= 2 && this.#isUnlike(person, similarity)) {
      this.#suspect(follower);
      follower.looks.push(look);
    } else if (quality >= VIEW_QUALITY && isGoodView(follower)) this.#addView(person, look, follower);
  }

  #isUnlike(person: Person, similarity: number): boolean {
    const { typicalOther } = this.#appearance;
    return similarity < (typicalOther + person.gallery.typicalSame) / 2;
  }

  /** Decides about everybody who is open and was looked at. @returns whether more looks are wanted */
  #resolve(): boolean {
    const open = [...this.#followers.values()].filter(({ isOpen, looks }) => isOpen && looks.length > 0);
    const known = this.#people.filter(({ gallery }) => gallery.size > 0);
    if (open.length === 0) return false;
    const suspects = known.map(
      (person): Suspect => ({
        typicalSame: person.gallery.typicalSame,
        likeness: known.map((other) => person.gallery.likenessTo(other.gallery)!),
        isSettled: person.follower?.isVisible === true && !open.includes(person.follower) && !person.follower.isOpen,
      }),
    );
    const witnesses = open.map(({ looks }) => ({
      similarities: known.map(({ gallery }) => meanSimilarity(gallery, looks)),
      looks: looks.length,
    }));
    const verdicts = decideJointly(witnesses, suspects, this.#appearance.typicalOther);

    let wantsMore = false;
    const moves: [Follower, Verdict, Person | undefined][] = [];
    for (const [index, follower] of open.entries()) {
      const verdict = verdicts[index]!;
      if (verdict.kind === 'contested') {
        const holder = known[verdict.suspect]!.follower;
        if (holder && !holder.isOpen) {
          this.#suspect(holder);
          wantsMore = true;
        }
      } else if (verdict.kind === 'person') moves.push([follower, verdict, known[verdict.suspect]!]);
      else if (verdict.kind === 'stranger') moves.push([follower, verdict, undefined]);
    }
    for (const [follower, , person] of moves) {
      const risk = { value: follower.doubt, reasons: [...follower.reasons] };
      this.#name(follower, person ?? this.#newPerson(), follower.looks, risk);
    }
    return wantsMore;
  }

  /** Makes a follower that person, and gives who was that person until now the follower's old identity. */
  #name(follower: Follower, person: Person, looks: readonly Look[], risk: Risk): void {
    const former = follower.person;
    if (former && follower.reasons.has('returned')) this.#returns[former === person ? 'same' : 'other'] += 1;
    const isNew = person.follower === undefined && person.gallery.size === 0 && person.seenPtsMs === Number.NEGATIVE_INFINITY;
    if (former !== person) {
      const displaced = person.follower;
      if (former) former.follower = undefined;
      if (displaced) {
        displaced.person = former;
        if (former) former.follower = displaced;
        displaced.isOnAir = false;
        if (displaced.isVisible && !displaced.isOpen) displaced.open(this.#ptsMs);
        displaced.doubt = Math.max(displaced.doubt, this.#threshold);
      }
      follower.person = person;
      person.follower = follower;
      this.#announce(follower, former, isNew, looks, risk);
    }
    person.seenPtsMs = this.#ptsMs;
    const best = looks.at(-1);
    const isCalm = follower.shadows.size === 0 && !follower.isTouched;
    if (best && isCalm && best.quality >= VIEW_QUALITY) this.#addView(person, best, follower);
    follower.settle();
  }

  #announce(follower: Follower, former: Person | undefined, isNew: boolean, looks: readonly Look[], risk: Risk): void {
    const person = follower.person!;
    const name = isNew ? 'new_identity' : former ? 'swap_corrected' : 'reentry';
    if (name === 'swap_corrected') this.#counts.swapsCorrected += 1;
    const distances: Record<TrackId, number> = {};
    for (const { id, gallery } of looks.length > 0 ? this.#people : []) {
      if (gallery.size > 0) distances[id] = 1 - meanSimilarity(gallery, looks);
    }
    this.#events.push({
      ptsMs: this.#ptsMs,
      name,
      trackId: person.id,
      ...(former ? { formerTrackId: former.id } : {}),
      risk: risk.value,
      reasons: risk.reasons,
      ...(looks.length > 0 ? { distances } : {}),
    });
  }

  #newPerson(): Person {
    const person: Person = {
      id: this.#nextId,
      gallery: new Gallery(this.#appearance),
      follower: undefined,
      seenPtsMs: Number.NEGATIVE_INFINITY,
      usual: undefined,
    };
    this.#nextId += 1;
    this.#people.push(person);
    return person;
  }

  #addView(person: Person, look: Look, { track }: Follower): void {
    person.gallery.add(look);
    const aspect = track.box.width / track.box.height;
    if (!person.usual) {
      person.usual = { score: track.score, aspect };
      return;
    }
    person.usual.score += USUAL_GAIN * (track.score - person.usual.score);
    person.usual.aspect += USUAL_GAIN * (aspect - person.usual.aspect);
  }
}

const isGoodView = ({ quality, isTouched, shadows, doubt, isOnAir }: Follower): boolean =>
  quality >= VIEW_QUALITY && !isTouched && shadows.size === 0 && isOnAir && doubt < 0.15;

function meanSimilarity(gallery: Gallery, looks: readonly Look[]): number {
  let sum = 0;
  let total = 0;
  for (const { embedding, quality } of looks) {
    sum += quality * gallery.similarity(embedding)!;
    total += quality;
  }
  return sum / total;
}

function offsetStds(found: Box, { box, stdPx }: TrackPrediction): number {
  const from = center(box);
  const to = center(found);
  return Math.hypot(to.x - from.x, to.y - from.y) / stdPx;
}
