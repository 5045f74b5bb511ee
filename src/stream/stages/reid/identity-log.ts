import type { TrackId } from '../../../shared/domain/track.js';
import type { IdentityEvent } from './identity-events.js';
import type { IdentityCounts } from './identity-options.js';
import type { Risk } from './risk.js';
import type { KnownPerson, TrackIdentity } from './track-identity.js';

/** How often skipped detections are reported. */
const SKIPPED_EVERY_MS = 5_000;
/** An episode of suspicion is over when nobody has been in doubt for this long, ms … */
const QUIET_MS = 2_000;
/** … and another one begins after this long, ms: in a crowd there is always a doubt. */
const MAX_EPISODE_MS = 15_000;

/** People who may be mixed up, from the first doubt to the last. */
interface Episode {
  readonly sincePtsMs: number;
  doubtPtsMs: number;
  readonly trackIds: Set<TrackId>;
}

/** A track that got an identity. */
export interface NamedTrack {
  /** Why it got it. */
  readonly event: 'swap_corrected' | 'reentry' | 'new_identity';
  /** Its identity from now on. */
  readonly person: KnownPerson;
  /** Its identity until now; absent where it had none. */
  readonly former?: KnownPerson;
  /** For how long it was in doubt, ms; absent where it had no identity. */
  readonly tookMs?: number;
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
  #episode: Episode | undefined;
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

  /** A track with an identity has become unresolved: told once for an episode. */
  suspected(ptsMs: number, person: KnownPerson, { uncertainty, reasons }: TrackIdentity): void {
    const episode = this.#episode;
    if (episode) {
      episode.doubtPtsMs = ptsMs;
      episode.trackIds.add(person.id);
      return;
    }
    this.#episode = { sincePtsMs: ptsMs, doubtPtsMs: ptsMs, trackIds: new Set([person.id]) };
    this.#swapsSuspected += 1;
    this.#events.push({
      ptsMs,
      name: 'swap_suspected',
      trackId: person.id,
      risk: uncertainty,
      reasons: [...reasons],
    });
  }

  /** Ends the episode once all are sure again. @param isInDoubt - whether somebody in sight is unresolved */
  endEpisode(ptsMs: number, isInDoubt: boolean): void {
    const episode = this.#episode;
    if (!episode) return;
    if (isInDoubt) episode.doubtPtsMs = ptsMs;
    const { sincePtsMs, doubtPtsMs, trackIds } = episode;
    if (ptsMs - doubtPtsMs < QUIET_MS && ptsMs - sincePtsMs < MAX_EPISODE_MS) return;
    this.#episode = undefined;
    const about = { sincePtsMs, untilPtsMs: doubtPtsMs, trackIds: [...trackIds] };
    this.#events.push({ ptsMs, name: 'suspicion_ended', ...about, risk: 0, reasons: [] });
  }

  /** Two identities turned out to be one person. */
  merged(ptsMs: number, kept: KnownPerson, gone: KnownPerson): void {
    const about = { trackId: kept.id, formerTrackId: gone.id };
    this.#events.push({ ptsMs, name: 'identities_merged', ...about, risk: 0, reasons: [] });
  }

  /** A track got another identity than it had, or its first one. */
  named(ptsMs: number, { event, person, former, tookMs, risk, distances }: NamedTrack): void {
    if (event === 'swap_corrected') this.#swapsCorrected += 1;
    const episode = this.#episode;
    if (episode && former) episode.trackIds.add(person.id);
    this.#events.push({
      ptsMs,
      name: event,
      trackId: person.id,
      ...(former ? { formerTrackId: former.id } : {}),
      ...(event === 'swap_corrected' && tookMs !== undefined ? { tookMs } : {}),
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
