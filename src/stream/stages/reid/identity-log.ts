import type { TrackId } from '../../../shared/domain/track.js';
import type { IdentityEvent } from './identity-events.js';
import type { IdentityCounts } from './identity-options.js';
import type { Risk } from './risk.js';
import type { KnownPerson, TrackIdentity } from './track-identity.js';

/** How often skipped detections are reported. */
const SKIPPED_EVERY_MS = 5_000;

/** A track that got an identity. */
export interface NamedTrack {
  /** Why it got it. */
  readonly event: 'swap_corrected' | 'reentry' | 'new_identity';
  /** Its identity from now on. */
  readonly person: KnownPerson;
  /** Its identity until now; absent where it had none. */
  readonly former?: KnownPerson;
  /** What made its identity uncertain. */
  readonly risk: Risk;
  /** 1 − similarity to each known person; absent where no embedding was compared. */
  readonly distances?: Readonly<Record<TrackId, number>>;
}

/** Collects the events of identities until they are taken, and counts them. */
export class IdentityLog {
  #events: IdentityEvent[] = [];
  #swapsSuspected = 0;
  #swapsCorrected = 0;
  /** Skipped detections, as reported last. */
  #reported = { ptsMs: Number.NEGATIVE_INFINITY, skipped: 0 };

  /** Events since the last call, oldest first. */
  takeEvents(): readonly IdentityEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /**
   * Everything counted so far.
   *
   * @param matched - detections matched to tracks
   * @param computed - embeddings asked for
   */
  counts(matched: number, computed: number): IdentityCounts {
    return {
      matched,
      computed,
      skipped: matched - computed,
      swapsSuspected: this.#swapsSuspected,
      swapsCorrected: this.#swapsCorrected,
    };
  }

  /** A track with an identity has become unresolved. */
  suspected(ptsMs: number, person: KnownPerson, { uncertainty, reasons }: TrackIdentity): void {
    this.#swapsSuspected += 1;
    this.#events.push({
      ptsMs,
      name: 'swap_suspected',
      trackId: person.id,
      risk: uncertainty,
      reasons: [...reasons],
    });
  }

  /** A track got another identity than it had, or its first one. */
  named(ptsMs: number, { event, person, former, risk, distances }: NamedTrack): void {
    if (event === 'swap_corrected') this.#swapsCorrected += 1;
    this.#events.push({
      ptsMs,
      name: event,
      trackId: person.id,
      ...(former ? { formerTrackId: former.id } : {}),
      risk: risk.value,
      reasons: risk.reasons,
      ...(distances ? { distances } : {}),
    });
  }

  /**
   * Reports, every five seconds of PTS, how many detections needed no embedding since the report before.
   *
   * @param skipped - detections without an embedding so far
   */
  reportSkipped(ptsMs: number, skipped: number): void {
    const last = this.#reported;
    if (ptsMs - last.ptsMs < SKIPPED_EVERY_MS) return;
    if (Number.isFinite(last.ptsMs) && skipped > last.skipped) {
      this.#events.push({ ptsMs, name: 'reid_skipped', count: skipped - last.skipped, risk: 0, reasons: [] });
    }
    this.#reported = { ptsMs, skipped };
  }
}
