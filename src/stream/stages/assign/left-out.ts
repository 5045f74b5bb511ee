import type { Track, TrackId } from '../../../shared/domain/track.js';
import { isInZone, type Zone } from '../../../shared/domain/zone.js';
import { headOf } from '../../domain/head.js';

/** Who gets no tile. */
export interface LeftOutOptions {
  /** Names of people, and numbers of those who have none. @defaultValue nobody */
  readonly leaveOut?: readonly (string | TrackId)[];
  /** Only people whose heads are in it get tiles; empty for the whole picture. @defaultValue the whole picture */
  readonly zone?: Zone;
  /** People whose heads are in one of these get no tile. @defaultValue none */
  readonly leaveOutZones?: readonly Zone[];
  /** Who a person is. @defaultValue nobody has a name */
  readonly nameOf?: (trackId: TrackId) => string | undefined;
}

/** What is needed of a frame. */
export interface PeopleInPicture {
  /** People in the frame, under their identities. */
  readonly tracks: readonly Track[];
  /** Of the source picture, pixels. */
  readonly width: number;
  /** Of the source picture, pixels; absent where zones do not count. */
  readonly height?: number;
}

/** Who may have a tile. */
export interface Admitted {
  /** Those who may. */
  readonly tracks: readonly Track[];
  /** Who is left out by name or number: no tile stays with them for a moment. */
  readonly leftOut: ReadonlySet<TrackId>;
}

const NOBODY: ReadonlySet<TrackId> = new Set();

/**
 * Parts people who may have a tile from those who may not: by name, by number, and by where their heads are. Somebody
 * who was followed under two numbers is left out under both. No clock, no I/O.
 */
export class LeftOut {
  readonly #options: LeftOutOptions;
  /** Numbers that nobody has any more, and those under which these people go on. */
  readonly #merged = new Map<TrackId, TrackId>();

  constructor(options: LeftOutOptions) {
    this.#options = options;
  }

  /** Takes in one frame. The same tracks are returned where nobody is left out. */
  admit({ tracks, width, height }: PeopleInPicture): Admitted {
    for (const { id, mergedIds = [] } of tracks) for (const former of mergedIds) this.#merged.set(former, id);
    const { leaveOut = [], zone = [], leaveOutZones = [] } = this.#options;
    if (leaveOut.length === 0 && zone.length === 0 && leaveOutZones.length === 0) return { tracks, leftOut: NOBODY };
    const leftOut = new Set(tracks.map(({ id }) => id).filter((id) => this.#isLeftOut(id, leaveOut)));
    const isInside = (track: Track): boolean => {
      if (height === undefined) return true;
      const { x, eyesY } = headOf(track);
      // Who leaves the picture is at its edge.
      const at = { x: unit(x / width), y: unit(eyesY / height) };
      return (zone.length === 0 || isInZone(at, zone)) && !leaveOutZones.some((one) => isInZone(at, one));
    };
    return { tracks: tracks.filter((track) => !leftOut.has(track.id) && isInside(track)), leftOut };
  }

  #isLeftOut(id: TrackId, leaveOut: readonly (string | TrackId)[]): boolean {
    const name = this.#options.nameOf?.(id);
    return leaveOut.some((who) => (typeof who === 'string' ? who.trim() === name : this.#nowOf(who) === id));
  }

  #nowOf(id: TrackId): TrackId {
    const now = this.#merged.get(id);
    return now === undefined ? id : this.#nowOf(now);
  }
}

const unit = (value: number): number => Math.min(1 - 1e-9, Math.max(0, value));
