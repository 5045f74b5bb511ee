import type { Size } from '../../../shared/domain/box.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';
import { headOf, type Head } from '../../domain/head.js';
import type { HeadPlace } from '../../domain/head-crop.js';
import { matchHeads, type HeadInTile } from '../../domain/match-heads.js';
import type { Shot } from '../../domain/shot.js';
import { ShotFramer, type ShotOptions } from './shot-framer.js';
import { withMore } from '../../../shared/with-more.js';

/** A lost person's prediction is followed for this long, s; later it is too uncertain. */
const FOLLOW_LOST_S = 0.3;
/** Without new tracks, people are taken to walk on for this long, s. */
const PREDICT_S = 0.1;

/** The shot of each person, by identity. */
export class PeopleShots {
  readonly #options: ShotOptions;
  readonly #framers = new Map<TrackId, ShotFramer>();
  #tracks: readonly Track[] | undefined;
  /** When `#tracks` came, s. */
  #tracksS = 0;
  /** When the shots were last moved, s, and how long after the time before. */
  #movedS = 0;
  #stepS = 0;

  constructor(options: ShotOptions) {
    this.#options = options;
  }

  /** The shot of this person; `undefined` before there is one. */
  of(trackId: TrackId): ShotFramer | undefined {
    return this.#framers.get(trackId);
  }

  /** The heads of those who are in sight, by these tracks. */
  headsInSight(tracks: readonly Track[], nowS: number): ReadonlyMap<TrackId, Head> {
    const seen = tracks.filter((track) => nowS - track.seenPtsMs / 1000 <= FOLLOW_LOST_S);
    return new Map(seen.map((track) => [track.id, headOf(track)]));
  }

  /** Forgets all shots: the next ones begin at rest. */
  reset(): void {
    this.#framers.clear();
  }

  /** Whether these tracks are new, or the same array again. */
  isNew(tracks: readonly Track[]): boolean {
    return tracks !== this.#tracks;
  }

  /**
   * Finds the one of `shown` whose shot a person without a shot should take over: a person who is found again
   * under a new id in the position in which the other one was lost.
   *
   * @param wanted - people who are to be shown, and keep their own shots
   */
  predecessorOf(
    trackId: TrackId,
    shown: readonly TrackId[],
    wanted: readonly TrackId[],
    tracks: readonly Track[],
  ): TrackId | undefined {
    const track = tracks.find(({ id }) => id === trackId);
    if (!track || this.#framers.has(trackId)) return undefined;
    const head = headOf(track);
    return shown.find((id) => {
      const isStillThere = tracks.some((other) => other.id === id && other.state === 'tracked');
      return !isStillThere && !wanted.includes(id) && this.#framers.get(id)?.isNear(head) === true;
    });
  }

  /** The shot of `oldId` goes on as that of `newId`. */
  rename(oldId: TrackId, newId: TrackId): void {
    const framer = this.#framers.get(oldId);
    if (!framer) return;
    this.#framers.delete(oldId);
    this.#framers.set(newId, framer);
  }

  /**
   * Finds pairs of people who are suddenly in each other's position, whom the tracker had swapped, and
   * exchanges their shots, so that the picture does not move.
   *
   * @returns the pairs, in the order of the exchange
   */
  followExchanges(tracks: readonly Track[]): readonly (readonly [TrackId, TrackId])[] {
    const shown = tracks.flatMap((track) => {
      const framer = track.state === 'tracked' ? this.#framers.get(track.id) : undefined;
      return framer ? [{ id: track.id, framer, head: headOf(track) }] : [];
    });
    const exchanged: (readonly [TrackId, TrackId])[] = [];
    shown.forEach((a, index) => {
      for (const b of shown.slice(index + 1)) {
        const areApart = !a.framer.isNear(a.head) && !b.framer.isNear(b.head);
        if (!areApart || !a.framer.isNear(b.head) || !b.framer.isNear(a.head)) continue;
        this.#framers.set(a.id, b.framer);
        this.#framers.set(b.id, a.framer);
        exchanged.push([a.id, b.id]);
      }
    });
    return exchanged;
  }

  /**
   * Moves the shots on, begins those of `shown` people who have none, and forgets those of others.
   *
   * @param nowS - PTS of the output frame, s
   * @param tracks - the same array again, as with a frame that is repeated, is nothing new
   */
  move(nowS: number, shown: ReadonlySet<TrackId>, tracks: readonly Track[]): void {
    for (const trackId of this.#framers.keys()) {
      if (!shown.has(trackId)) this.#framers.delete(trackId);
    }
    const sinceS = nowS - this.#movedS;
    this.#movedS = nowS;
    this.#stepS = sinceS;
    const isNew = this.isNew(tracks);
    if (isNew) this.#tracksS = nowS;
    this.#tracks = tracks;
    for (const trackId of shown) {
      const track = tracks.find(({ id }) => id === trackId);
      if (track && !this.#framers.has(trackId)) {
        this.#framers.set(trackId, new ShotFramer(headOf(track), this.#options));
      }
    }
    for (const [trackId, framer] of this.#framers) {
      const track = tracks.find(({ id }) => id === trackId);
      const isLost = !track || nowS - track.seenPtsMs / 1000 > FOLLOW_LOST_S;
      if (isNew) framer.update(sinceS, isLost ? undefined : headOf(track));
      else framer.update(sinceS, nowS - this.#tracksS > PREDICT_S ? undefined : 'unchanged');
    }
  }

  /**
   * Brings the heads of these people to equal size, and their eyes to equal height; after {@link PeopleShots.move}.
   *
   * @param tiles - those that show them, output pixels, in the same order
   * @param looks - how far tiles are ahead of people, as {@link Shot.looks}
   * @param isAtOnce - whether heads go there without a movement
   * @param groups - those who share a frame beside other tiles
   * @returns where what stands for each of the groups lies in its tile
   */
  match(
    shown: readonly TrackId[],
    tiles: readonly Size[],
    picture: Size,
    looks: Shot['looks'],
    isAtOnce: boolean,
    groups: readonly HeadInTile[] = [],
  ): readonly HeadPlace[] {
    const framed = shown.flatMap((trackId, index) => {
      const framer = this.#framers.get(trackId);
      return framer ? [{ framer, head: framer.head, tile: tiles[index]!, look: looks?.get(trackId) ?? 0 }] : [];
    });
    const places = matchHeads([...framed, ...groups], picture, this.#options);
    framed.forEach(({ framer, look }, index) => {
      framer.placeAt(withMore(places[index]!, { look }), this.#stepS, isAtOnce);
    });
    return places.slice(framed.length);
  }
}
