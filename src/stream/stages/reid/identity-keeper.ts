import type { Point } from '../../../shared/domain/box.js';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../domain/embedding.js';
import { appearanceOf, type Appearance } from './appearance.js';
import { EmbeddingBudget } from './embedding-budget.js';
import type { AppearanceSample } from './gallery.js';
import { decideIdentities } from './identity-decision.js';
import type { IdentityEvent } from './identity-events.js';
import { IdentityLog, type NamedTrack } from './identity-log.js';
import type { IdentityCounts, IdentityKeeperOptions, ReidMode } from './identity-options.js';
import { enrol, IdentityStore, type KnownBefore } from './identity-store.js';
import { clearOcclusions, markOcclusions, occludersOf } from './occlusion.js';
import { isFitForGallery, isFitToLook, isGalleryDue, needsEmbedding, noteRequest } from './request-policy.js';
import { ReturnStats } from './return-stats.js';
import { assessRisk, DEFAULT_RISK_WEIGHTS, type Risk } from './risk.js';
import {
  cameraDrift,
  gapS,
  isConfusable,
  maxAmbiguity,
  updateJump,
  updateReliability,
  updateSurroundings,
} from './track-evidence.js';
import { updateIdentities, type KnownPerson, type TrackIdentity } from './track-identity.js';

/** More ambiguity makes earlier samples worthless: they may show the other person. */
const WORTHLESS_AMBIGUITY = 0.3;
/** After two people separate, this share of the threshold is enough to make a track unresolved. */
const SEPARATED_SHARE = 1 / 3;

/**
 * Gives tracks lasting identities. While the risk that a track changed its person is low, no embedding is
 * computed; above a threshold the track is unresolved: its embeddings are compared with the galleries of
 * all known people, jointly with those of other unresolved tracks, and it keeps, exchanges or gets back its
 * identity. A new identity is shown only when it is sure; until then the track is held back or goes on under
 * the identity it had.
 *
 * Four steps a frame, so that embeddings may come at once or frames later: {@link observe},
 * {@link requests}, {@link learn} (after which there may be more requests), {@link tracks}.
 * No clock, no I/O. Ids are counted here, from 1, never used twice.
 *
 * Sources: joint correction after people part, FC-Track (2603.12758); when to compute embeddings at all,
 * Bayar & Aker 2024; tracklets with a velocity-consistent return, OC-SORT (2203.14360); appearance beside
 * motion, BoT-SORT (2206.14651).
 */
export class IdentityKeeper {
  readonly #options: IdentityKeeperOptions;
  readonly #appearance: Appearance;
  readonly #identities = new Map<TrackId, TrackIdentity>();
  readonly #store: IdentityStore;
  readonly #budget = new EmbeddingBudget();
  readonly #log = new IdentityLog();
  readonly #returns = new ReturnStats();
  #ptsMs = Number.NEGATIVE_INFINITY;
  /** How far the camera moved since all tracks were checked because of it, fading, pixels. */
  #drift: Point = { x: 0, y: 0 };

  constructor(options: IdentityKeeperOptions = {}) {
    this.#options = options;
    this.#appearance = appearanceOf(options.metric ?? 'cosine');
    this.#store = new IdentityStore(this.#appearance, options.before);
  }

  get #mode(): ReidMode {
    return this.#options.mode ?? 'conditional';
  }

  get #threshold(): number {
    return this.#options.riskThreshold ?? 0.3;
  }

  get #looksPerS(): number {
    return this.#mode === 'always' ? Infinity : (this.#options.looksPerS ?? 1.4);
  }

  /** Everything counted so far. */
  get counts(): IdentityCounts {
    return this.#log.counts(this.#budget.matched, this.#budget.computed);
  }

  /** Everybody who can be recognised, for the next run. */
  get memory(): KnownBefore {
    return this.#store.memory;
  }

  /** Whether looks would tell that this track of the tracker changed its person. */
  isKnownByLooks(trackId: TrackId): boolean {
    return (this.#identities.get(trackId)?.person?.gallery.size ?? 0) > 0;
  }

  /** What happened since the last call, oldest first. */
  takeEvents(): readonly IdentityEvent[] {
    return this.#log.takeEvents();
  }

  /** Takes in one detection set and the tracker's answer to it. PTS of sets rise. */
  observe(set: DetectionSet, tracks: readonly Track[]): void {
    const elapsedS = Number.isFinite(this.#ptsMs) ? (set.ptsMs - this.#ptsMs) / 1000 : 0;
    this.#ptsMs = set.ptsMs;
    this.#returns.decay(elapsedS);
    updateIdentities(this.#identities, tracks);
    this.#store.prune(set.ptsMs);
    const all = [...this.#identities.values()];
    const visible = all.filter(({ isVisible }) => isVisible);
    this.#budget.begin(set.ptsMs, visible.length, this.#looksPerS);
    updateSurroundings(set, all, this.#options.picture);
    markOcclusions(all);
    this.#drift = cameraDrift(this.#drift, visible, elapsedS);
    const confusable = visible.filter((identity) => isConfusable(identity, all, this.#drift));
    for (const identity of visible) this.#assess(identity, all, confusable, elapsedS);
    if (confusable.length > 0) {
      for (const identity of visible) this.#check(identity);
      this.#drift = { x: 0, y: 0 };
    }
    for (const { person } of visible) if (person) person.seenPtsMs = set.ptsMs;
    clearOcclusions(all, set.ptsMs);
    this.#endWaiting(visible);
    this.#log.reportSkipped(this.#ptsMs, this.counts.skipped);
  }

  /** The embeddings wanted of the latest set, the most uncertain tracks first; none is asked for twice. */
  requests(): readonly EmbeddingRequest[] {
    if (this.#mode === 'off') return [];
    const requests: EmbeddingRequest[] = [];
    const visible = [...this.#identities.values()].filter(({ isVisible }) => isVisible);
    for (const identity of visible.sort((a, b) => b.uncertainty - a.uncertainty)) {
      if (!needsEmbedding(identity, this.#ptsMs, this.#mode)) continue;
      const request = this.#budget.request(identity, this.#ptsMs);
      if (!request) continue;
      requests.push(request);
      noteRequest(identity, this.#ptsMs);
    }
    return requests;
  }

  /** Takes in embeddings, of the latest set or of earlier ones, and decides what can be decided. */
  learn(results: readonly EmbeddingResult[]): void {
    for (const result of results) this.#takeSample(result);
    this.#resolve();
  }

  /**
   * The tracks whose identity is known, under it. A track in sight whose identity is not confirmed comes as
   * `lost`, so that its tile holds; a track without an identity is left out.
   *
   * @param tracks - the tracker's tracks at the PTS that is asked for
   */
  tracks(tracks: readonly Track[]): readonly Track[] {
    const named: Track[] = [];
    for (const track of tracks) {
      const identity = this.#identities.get(track.id);
      if (!identity?.person) continue;
      const { id } = identity.person;
      if (track.state === 'tracked' && !identity.isConfirmed) named.push({ ...track, id, state: 'lost' });
      else named.push({ ...track, id });
    }
    return named;
  }

  /** Adds this frame's risk to a track's uncertainty; above the threshold the track is unresolved. */
  #assess(
    identity: TrackIdentity,
    all: readonly TrackIdentity[],
    confusable: readonly TrackIdentity[],
    elapsedS: number,
  ): void {
    const gap = gapS(identity, this.#ptsMs, elapsedS);
    const occluders = gap > 0 ? occludersOf(identity, all) : [];
    const ambiguity = maxAmbiguity(identity, all);
    const hasMissing = this.#store.hasMissing;
    const { prediction } = identity.track;
    const risk = assessRisk(
      {
        ambiguity,
        occlusionS: identity.occluded.size > 0 ? elapsedS : 0,
        jump: updateJump(identity, elapsedS),
        gapS: gap,
        hasEmerged: occluders.length > 0,
        harmlessRatio: this.#returns.harmlessRatio,
        reliability: identity.reliability,
        logResize: prediction ? Math.log(identity.detectionBox.height / prediction.box.height) : 0,
        isConfusable: confusable.includes(identity),
        isNewcomer: !identity.person && hasMissing,
      },
      this.#options.riskWeights ?? DEFAULT_RISK_WEIGHTS,
    );
    updateReliability(identity, gap, elapsedS);
    if (!identity.person && !hasMissing) {
      this.#assign(identity, this.#store.add(this.#ptsMs), 'new_identity', [], risk);
      return;
    }
    this.#addRisk(identity, risk);
    if (ambiguity > WORTHLESS_AMBIGUITY) identity.discardSamples(this.#ptsMs);
    if (gap > 0 && identity.isUnresolved) {
      identity.isConfirmed = false;
      identity.discardSamples(this.#ptsMs);
      for (const occluder of occluders) this.#check(occluder);
    }
  }

  #addRisk(identity: TrackIdentity, risk: Risk): void {
    if (identity.person?.gallery.size === 0) return;
    identity.uncertainty = 1 - (1 - identity.uncertainty) * (1 - risk.value);
    for (const reason of risk.reasons) identity.reasons.add(reason);
    const threshold = identity.hasSeparated ? SEPARATED_SHARE * this.#threshold : this.#threshold;
    if (!identity.isUnresolved && identity.uncertainty >= threshold) this.#markUnresolved(identity);
  }

  /** Makes a track unresolved that did nothing risky, because another one did. */
  #check(identity: TrackIdentity): void {
    if (identity.isUnresolved || !identity.isVisible || identity.person?.gallery.size === 0) return;
    identity.uncertainty = Math.max(identity.uncertainty, this.#threshold);
    this.#markUnresolved(identity);
  }

  #markUnresolved(identity: TrackIdentity): void {
    identity.markUnresolved(this.#ptsMs);
    if (identity.person) this.#log.suspected(this.#ptsMs, identity.person, identity);
  }

  /** A track that waited too long is shown, under the identity that it has or a new one. */
  #endWaiting(visible: readonly TrackIdentity[]): void {
    for (const identity of visible) {
      if (identity.isConfirmed) continue;
      identity.waitingSincePtsMs ??= this.#ptsMs;
      if (this.#ptsMs - identity.waitingSincePtsMs < this.#store.maxWaitMs(identity)) continue;
      if (identity.person) identity.isConfirmed = true;
      else this.#assign(identity, this.#store.add(this.#ptsMs), 'new_identity', identity.samples, riskOf(identity));
    }
  }

  #takeSample(result: EmbeddingResult): void {
    const { trackId, ptsMs, embedding } = result;
    const quality = this.#budget.accept(result);
    const identity = this.#identities.get(trackId);
    if (quality === undefined || !embedding || !identity || ptsMs < identity.validFromPtsMs) return;
    const sample = { embedding: this.#appearance.prepare(embedding), quality, ptsMs };
    if (identity.isUnresolved) {
      identity.samples.push(sample);
      return;
    }
    if (!identity.person || !isFitToLook(identity)) return;
    if (this.#store.isOther(identity.person, sample)) {
      this.#check(identity);
      identity.samples.push(sample);
      return;
    }
    identity.uncertainty = 0;
    identity.reasons.clear();
    if (isFitForGallery(identity) && isGalleryDue(identity.person, ptsMs)) enrol(identity.person, sample, identity);
  }

  /** Decides about all unresolved tracks of which there are samples. */
  #resolve(): void {
    const unresolved = [...this.#identities.values()].filter((one) => one.isUnresolved && one.samples.length > 0);
    if (unresolved.length === 0) return;
    const decisions = decideIdentities(unresolved, this.#store.recognisable, this.#appearance);
    for (const [index, identity] of unresolved.entries()) {
      const decision = decisions[index]!;
      const risk = riskOf(identity);
      if (decision.kind === 'person') {
        const event = identity.person ? 'swap_corrected' : 'reentry';
        this.#assign(identity, decision.person, event, identity.samples, risk);
      } else if (decision.kind === 'stranger') {
        this.#assign(identity, this.#store.add(this.#ptsMs), 'new_identity', identity.samples, risk);
      } else if (decision.kind === 'contested') {
        const { holder } = decision.person;
        if (holder) this.#check(holder);
      }
    }
  }

  /** Gives a track an identity; the track that had it until now gets this one's former identity. */
  #assign(
    identity: TrackIdentity,
    person: KnownPerson,
    event: NamedTrack['event'],
    samples: readonly AppearanceSample[],
    risk: Risk,
  ): void {
    const former = identity.person;
    if (former && identity.reasons.has('returned')) this.#returns.record(former === person);
    if (former !== person) {
      const displaced = person.holder;
      if (former) former.holder = displaced;
      displaced?.displace(former, this.#ptsMs, this.#threshold);
      identity.person = person;
      person.holder = identity;
      const distances = samples.length > 0 ? { distances: this.#store.distances(samples) } : {};
      this.#log.named(this.#ptsMs, { event, person, ...(former && { former }), risk, ...distances });
    }
    const latest = samples.at(-1);
    identity.confirm();
    if (latest && isFitForGallery(identity, latest.quality)) enrol(person, latest, identity);
  }
}

const riskOf = ({ uncertainty, reasons }: TrackIdentity): Risk => ({ value: uncertainty, reasons: [...reasons] });
