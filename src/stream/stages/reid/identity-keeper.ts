import type { Point } from '../../../shared/domain/box.js';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../domain/embedding.js';
import { appearanceOf, type Appearance } from './appearance.js';
import { EmbeddingBudget } from './embedding-budget.js';
import { isCut } from './cut-decision.js';
import type { IdentityEvent } from './identity-events.js';
import { IdentityLog } from './identity-log.js';
import type { IdentityCounts, IdentityKeeperOptions, ReidMode } from './identity-options.js';
import { IdentityResolver } from './identity-resolver.js';
import { IdentityStore, type KnownBefore } from './identity-store.js';
import { clearOcclusions, markOcclusions, occludersOf } from './occlusion.js';
import { needsEmbedding, noteRequest } from './request-policy.js';
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
import { updateIdentities, type TrackIdentity } from './track-identity.js';
import { withMore } from '../../../shared/with-more.js';

/** More ambiguity makes earlier samples worthless: they may show the other person. */
const WORTHLESS_AMBIGUITY = 0.3;
/** After two people separate, this share of the threshold is enough to make a track unresolved. */
const SEPARATED_SHARE = 1 / 3;
/** After so long without a usable face, ms, it is taken for granted that a track is still who it was. */
const MAX_UNSEEN_MS = 1_000;
/** How often it is noted who is in sight together, ms. */
const TOGETHER_EVERY_MS = 500;

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
  readonly #resolver: IdentityResolver;
  /** PTS of the latest cut, and of when it was last noted who is in sight together, milliseconds. */
  #cutPtsMs = Number.NEGATIVE_INFINITY;
  #togetherPtsMs = Number.NEGATIVE_INFINITY;
  #ptsMs = Number.NEGATIVE_INFINITY;
  /** How far the camera moved since all tracks were checked because of it, fading, pixels. */
  #drift: Point = { x: 0, y: 0 };

  constructor(options: IdentityKeeperOptions = {}) {
    this.#options = options;
    this.#appearance = appearanceOf(options.metric ?? 'cosine');
    this.#store = new IdentityStore(this.#appearance, options.before);
    this.#resolver = new IdentityResolver({
      ...{ identities: this.#identities, appearance: this.#appearance, store: this.#store },
      ...{ budget: this.#budget, log: this.#log, returns: this.#returns, threshold: () => this.#threshold },
    });
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

  /**
   * Takes in one detection set and the tracker's answer to it. PTS of sets rise.
   *
   * @param similarity - of the picture to that of the set before, at most 1; absent where it is not known
   */
  observe(set: DetectionSet, tracks: readonly Track[], similarity?: number): void {
    const elapsedS = Number.isFinite(this.#ptsMs) ? (set.ptsMs - this.#ptsMs) / 1000 : 0;
    this.#ptsMs = set.ptsMs;
    this.#resolver.ptsMs = set.ptsMs;
    this.#returns.decay(elapsedS);
    updateIdentities(this.#identities, tracks);
    this.#store.prune(set.ptsMs);
    const all = [...this.#identities.values()];
    const visible = all.filter(({ isVisible }) => isVisible);
    this.#budget.begin(set.ptsMs, visible.length, this.#looksPerS);
    updateSurroundings(set, all, this.#options.picture);
    markOcclusions(all);
    for (const { displacement, detectionBox, track } of visible) {
      displacement.add(detectionBox, track.prediction?.box, elapsedS);
    }
    if (isCut(visible, similarity)) this.#cut(all);
    this.#drift = cameraDrift(this.#drift, visible, elapsedS);
    const confusable = visible.filter((identity) => isConfusable(identity, all, this.#drift));
    for (const identity of visible) this.#assess(identity, all, confusable, elapsedS);
    if (confusable.length > 0) {
      for (const identity of visible) this.#resolver.check(identity);
      this.#drift = { x: 0, y: 0 };
    }
    for (const { person } of visible) if (person) person.seenPtsMs = set.ptsMs;
    clearOcclusions(all, set.ptsMs);
    this.#resolver.endWaiting(visible);
    this.#noteTogether(visible);
    this.#log.endEpisode(
      this.#ptsMs,
      visible.some(({ isUnresolved, person }) => isUnresolved && person !== undefined),
    );
    this.#log.reportSkipped(this.#ptsMs, this.counts.skipped);
  }

  /** The embeddings wanted of the latest set, the most uncertain tracks first; none is asked for twice. */
  requests(): readonly EmbeddingRequest[] {
    if (this.#mode === 'off') return [];
    const requests: EmbeddingRequest[] = [];
    const visible = [...this.#identities.values()].filter(({ isVisible }) => isVisible);
    const wanting = visible.filter((identity, index) =>
      needsEmbedding(identity, this.#ptsMs, this.#mode, index / visible.length),
    );
    for (const identity of wanting.sort((a, b) => b.uncertainty - a.uncertainty)) {
      const request = this.#budget.request(identity, this.#ptsMs);
      if (!request) continue;
      requests.push(request);
      noteRequest(identity, this.#ptsMs);
    }
    return requests;
  }

  /** Takes in embeddings, of the latest set or of earlier ones, and decides what can be decided. */
  learn(results: readonly EmbeddingResult[]): void {
    for (const result of results) this.#resolver.take(result);
    this.#resolver.resolve();
  }

  /**
   * The tracks whose identity is known, under it, and with `doubt` while that has to be found out. A track in sight
   * that is not to be shown before comes as `lost`, so that its tile holds; one without an identity is left out, and
   * so is one that was not found again after a cut.
   *
   * @param tracks - the tracker's tracks at the PTS that is asked for
   */
  tracks(tracks: readonly Track[]): readonly Track[] {
    const named: Track[] = [];
    for (const track of tracks) {
      const identity = this.#identities.get(track.id);
      if (!identity?.person) continue;
      if (!identity.isVisible && identity.seenPtsMs < this.#cutPtsMs) continue;
      const { id, mergedIds, bornPtsMs } = identity.person;
      const doubt = this.#doubtOf(identity);
      const isRecognised = identity.isConfirmed && !identity.isUnresolved && bornPtsMs < track.bornPtsMs;
      const changes = {
        id,
        ...(track.state === 'tracked' && !identity.isConfirmed && { state: 'lost' as const }),
        ...(doubt && { doubt }),
        ...(isRecognised && { isRecognised }),
        ...(mergedIds.length > 0 && { mergedIds }),
      };
      named.push(withMore(track, changes));
    }
    return named;
  }

  /** Why it is not sure who this is; `undefined` where it is, or where no face has been seen for so long that nothing speaks against it. */
  #doubtOf({ isUnresolved, isCut: wasCut, samples, validFromPtsMs }: TrackIdentity): Track['doubt'] {
    if (!isUnresolved) return undefined;
    if (samples.length === 0 && this.#ptsMs - validFromPtsMs >= MAX_UNSEEN_MS) return undefined;
    return wasCut ? 'cut' : 'mixed';
  }

  /** Another shot: everybody may be somebody else, also those who are found again a little later. */
  #cut(all: readonly TrackIdentity[]): void {
    this.#cutPtsMs = this.#ptsMs;
    for (const identity of all) {
      identity.isCut = true;
      if (identity.isUnresolved) identity.discardSamples(this.#ptsMs);
      this.#resolver.check(identity, 'cut');
    }
  }

  /** People who are in sight at once, apart, are not one. */
  #noteTogether(visible: readonly TrackIdentity[]): void {
    if (this.#ptsMs - this.#togetherPtsMs < TOGETHER_EVERY_MS) return;
    this.#togetherPtsMs = this.#ptsMs;
    const sure = visible.filter((one) => one.isConfirmed && !one.isUnresolved && !one.isOverlapped);
    for (const { person } of sure) {
      for (const { person: other } of sure) if (other && other !== person) person?.seenWith.add(other.id);
    }
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
    // Not found in the first picture after a cut, and now by chance where it was before.
    if (gap > 0 && identity.isCut) this.#resolver.check(identity, 'cut');
    if (!identity.person && !hasMissing) {
      this.#resolver.assign(identity, this.#store.add(this.#ptsMs), 'new_identity', [], risk);
      return;
    }
    this.#addRisk(identity, risk);
    if (ambiguity > WORTHLESS_AMBIGUITY) identity.discardSamples(this.#ptsMs);
    if (gap > 0 && identity.isUnresolved) {
      identity.isConfirmed = false;
      identity.discardSamples(this.#ptsMs);
      for (const occluder of occluders) this.#resolver.check(occluder);
    }
  }

  #addRisk(identity: TrackIdentity, risk: Risk): void {
    if (identity.person?.gallery.size === 0) return;
    identity.uncertainty = 1 - (1 - identity.uncertainty) * (1 - risk.value);
    for (const reason of risk.reasons) identity.reasons.add(reason);
    const threshold = identity.hasSeparated ? SEPARATED_SHARE * this.#threshold : this.#threshold;
    if (!identity.isUnresolved && identity.uncertainty >= threshold) this.#resolver.markUnresolved(identity);
  }
}
