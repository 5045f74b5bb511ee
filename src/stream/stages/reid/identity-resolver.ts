import type { EmbeddingResult } from '../../domain/embedding.js';
import type { TrackId } from '../../../shared/domain/track.js';
import type { Appearance } from './appearance.js';
import type { EmbeddingBudget } from './embedding-budget.js';
import type { AppearanceSample } from './gallery.js';
import { decideIdentities } from './identity-decision.js';
import type { IdentityLog, NamedTrack } from './identity-log.js';
import { enrol, type IdentityStore } from './identity-store.js';
import { isFitForGallery, isFitToLook, isGalleryDue } from './request-policy.js';
import type { ReturnStats } from './return-stats.js';
import type { Risk, RiskReason } from './risk.js';
import type { KnownPerson, TrackIdentity } from './track-identity.js';
import { twinOf } from './twins.js';

/** What a resolver works on; shared with the keeper. */
export interface ResolverParts {
  /** Of all tracks, by the tracker's ids. */
  readonly identities: ReadonlyMap<TrackId, TrackIdentity>;
  /** How embeddings are compared. */
  readonly appearance: Appearance;
  /** Everybody known. */
  readonly store: IdentityStore;
  /** What was asked for. */
  readonly budget: EmbeddingBudget;
  /** Is told what happens. */
  readonly log: IdentityLog;
  /** Learns how harmless returns are. */
  readonly returns: ReturnStats;
  /** Uncertainty from which on a track is unresolved, in (0, 1). */
  readonly threshold: () => number;
}

/** Compares embeddings of unresolved tracks with everybody known, and gives tracks their identities. */
export class IdentityResolver {
  readonly #parts: ResolverParts;
  /** Of the latest set, milliseconds. */
  ptsMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ResolverParts) {
    this.#parts = parts;
  }

  /** From now on embeddings have to decide who this is. */
  markUnresolved(identity: TrackIdentity): void {
    identity.markUnresolved(this.ptsMs);
    if (identity.person) this.#parts.log.suspected(this.ptsMs, identity.person, identity);
  }

  /** Makes a track unresolved that did nothing risky, because of another one or because the picture was cut. */
  check(identity: TrackIdentity, reason?: RiskReason): void {
    if (identity.isUnresolved || !identity.isVisible || identity.person?.gallery.size === 0) return;
    if (reason) identity.reasons.add(reason);
    identity.uncertainty = Math.max(identity.uncertainty, this.#parts.threshold());
    this.markUnresolved(identity);
  }

  /** A track that waited too long is shown, under the identity that it has or a new one. */
  endWaiting(visible: readonly TrackIdentity[]): void {
    const { store } = this.#parts;
    for (const identity of visible) {
      if (identity.isConfirmed) continue;
      identity.waitingSincePtsMs ??= this.ptsMs;
      if (this.ptsMs - identity.waitingSincePtsMs < store.maxWaitMs(identity)) continue;
      if (identity.person) identity.isConfirmed = true;
      else this.assign(identity, store.add(this.ptsMs), 'new_identity', identity.samples, riskOf(identity));
    }
  }

  /** Takes in an embedding, of the latest set or of an earlier one. */
  take(result: EmbeddingResult): void {
    const { trackId, ptsMs, embedding } = result;
    const { budget, identities, appearance, store } = this.#parts;
    const crop = budget.accept(result);
    const identity = identities.get(trackId);
    if (crop === undefined || !embedding || !identity || ptsMs < identity.validFromPtsMs) return;
    const sample = { embedding: appearance.prepare(embedding), ptsMs, ...crop };
    if (identity.isUnresolved) {
      identity.samples.push(sample);
      return;
    }
    if (!identity.person || !isFitToLook(identity)) return;
    if (store.isOther(identity.person, sample)) {
      this.check(identity);
      identity.samples.push(sample);
      return;
    }
    identity.uncertainty = 0;
    identity.reasons.clear();
    if (isFitForGallery(identity) && isGalleryDue(identity.person, ptsMs)) this.#enrol(identity, sample);
  }

  /** Decides about all unresolved tracks of which there are samples. */
  resolve(): void {
    const { identities, store, appearance } = this.#parts;
    const unresolved = [...identities.values()].filter((one) => one.isUnresolved && one.samples.length > 0);
    if (unresolved.length === 0) return;
    const decisions = decideIdentities(unresolved, store.recognisable, appearance, this.ptsMs);
    for (const [index, identity] of unresolved.entries()) {
      const decision = decisions[index]!;
      const risk = riskOf(identity);
      if (decision.kind === 'person') {
        const event = identity.person ? 'swap_corrected' : 'reentry';
        this.assign(identity, decision.person, event, identity.samples, risk);
      } else if (decision.kind === 'stranger') {
        this.assign(identity, store.add(this.ptsMs), 'new_identity', identity.samples, risk);
      } else if (decision.kind === 'contested') {
        const { holder } = decision.person;
        if (holder) this.check(holder);
      }
    }
  }

  /** Gives a track an identity; the track that had it until now gets this one's former identity. */
  assign(
    identity: TrackIdentity,
    person: KnownPerson,
    event: NamedTrack['event'],
    samples: readonly AppearanceSample[],
    risk: Risk,
  ): void {
    const { store, log, returns, threshold } = this.#parts;
    const former = identity.person;
    const tookMs = this.ptsMs - identity.unresolvedSincePtsMs;
    if (former && identity.reasons.has('returned')) returns.record(former === person);
    if (former !== person) {
      const displaced = person.holder;
      if (former) former.holder = displaced;
      displaced?.displace(former, this.ptsMs, threshold());
      identity.person = person;
      person.holder = identity;
      const distances = samples.length > 0 ? { distances: store.distances(samples) } : {};
      log.named(this.ptsMs, { event, person, ...(former && { former, tookMs }), risk, ...distances });
    }
    const latest = samples.at(-1);
    identity.confirm();
    if (latest && isFitForGallery(identity, latest.quality)) this.#enrol(identity, latest);
  }

  /** Adds a sample to what is known of the track's person, who may turn out to be somebody known by that. */
  #enrol(identity: TrackIdentity, sample: AppearanceSample): void {
    const { person } = identity;
    if (!person) return;
    const { store, log, appearance, identities } = this.#parts;
    enrol(person, sample, identity);
    const twin = twinOf(person, store.recognisable, appearance);
    if (!twin) return;
    const [kept, gone] = twin.id < person.id ? [twin, person] : [person, twin];
    store.merge(kept, gone);
    for (const other of identities.values()) {
      if (other.occluded.delete(gone)) other.occluded.add(kept);
      if (other !== identity && (other.person === kept || other.person === gone)) other.person = undefined;
    }
    identity.person = kept;
    kept.holder = identity;
    log.merged(this.ptsMs, kept, gone);
  }
}

const riskOf = ({ uncertainty, reasons }: TrackIdentity): Risk => ({ value: uncertainty, reasons: [...reasons] });
