import type { Box, Size } from '../../../shared/domain/box.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';
import type { Head } from '../../domain/head.js';
import type { Shot } from '../../domain/shot.js';
import { tileArea } from '../../domain/tile-area.js';
import { placeOfCommon } from '../../domain/common-head.js';
import { arrange, cellBox, type Cell } from './arrangement.js';
import { CommonFrame } from './common-frame.js';
import { PeopleShots } from './people-shots.js';
import type { ShotOptions } from './shot-framer.js';
import { TileBoard } from './tile-board.js';
import type { Tile } from './tile.js';
import { TileViews, type Framed } from './tile-views.js';
import { withMore } from '../../../shared/with-more.js';

/** What is needed of a shot. */
export type PlannedShot = Omit<Shot, 'sincePtsMs'>;

type BoardOptions = ShotOptions & { readonly output: Size; readonly marginPx?: number };

/** How tiles come to a shot. */
export interface ShotChange {
  /** PTS of the output frame, s. */
  readonly nowS: number;
  /** Length of the change, s, ≥ 0. */
  readonly durationS: number;
  /** How long a dissolve from one person to another takes, s, ≥ 0. */
  readonly dissolveS: number;
  /** Size of the source, pixels. */
  readonly picture: Size;
  /** Whether nothing but the whole scene is seen, so that tiles change unseen. */
  readonly isSceneAlone: boolean;
  /** Whether tiles stay as they are, and follow their people. */
  readonly isKept: boolean;
}

/** Two tiles that show the same person join within this time, s. */
const URGENT_S = 0.2;

/** The tiles of the picture, whom they show, and which of them share a frame. */
export class ShotBoard {
  /** The shot of each person. */
  readonly shots: PeopleShots;
  /** Whether tiles show their own person, or a part of a frame. */
  readonly views: TileViews;
  readonly #options: BoardOptions;
  readonly #board = new TileBoard();
  /** Of each group of the shot; absent for those who are alone in their tile. */
  #frames: (CommonFrame | undefined)[] = [];

  constructor(options: BoardOptions) {
    this.#options = options;
    this.shots = new PeopleShots(options);
    this.views = new TileViews(options);
  }

  /** All tiles, from the bottom up. */
  get tiles(): readonly Tile[] {
    return this.#board.tiles;
  }

  /** All tiles with their edges at `nowS`, s, from the bottom up. */
  placed(nowS: number): readonly { readonly tile: Tile; readonly cell: Cell }[] {
    return this.#board.at(nowS);
  }

  /** Begins again with one empty tile over the whole picture. */
  reset(): void {
    this.#board.reset();
    this.shots.reset();
    this.views.reset();
  }

  /** Shots go on where the tracker had swapped two people, or found one again under a new id. */
  follow({ groups }: PlannedShot, tracks: readonly Track[]): void {
    if (this.shots.isNew(tracks)) {
      for (const [a, b] of this.shots.followExchanges(tracks)) this.#board.exchange(a, b);
    }
    const wanted = groups.flat();
    for (const trackId of wanted) {
      const oldId = this.shots.predecessorOf(trackId, this.#board.trackIds, wanted, tracks);
      if (oldId === undefined) continue;
      this.#board.exchange(oldId, trackId);
      this.shots.rename(oldId, trackId);
    }
  }

  /** Brings tiles to this shot, and moves everything on. */
  show(shot: PlannedShot, tracks: readonly Track[], change: ShotChange): void {
    const { nowS } = change;
    const heads = this.shots.headsInSight(tracks, nowS);
    const isNew = this.shots.isNew(tracks);
    if (!change.isKept) this.#arrange(shot, heads, change);
    const { tiles } = this.#board;
    this.shots.move(nowS, new Set(tiles.flatMap(({ layers }) => layers.map(({ trackId }) => trackId))), tracks);
    this.#match(shot, change);
    this.views.move(nowS, isNew ? heads : undefined, tiles);
  }

  /** The part of the output that tiles fill. */
  get #area(): Box {
    return tileArea(this.#options.output, this.#options.marginPx);
  }

  /** Heads of tiles side by side are of equal size, and their eyes at equal height. */
  #match({ groups, looks }: PlannedShot, { picture, durationS, isSceneAlone }: ShotChange): void {
    const shown = groups.flat();
    if (shown.length === 0) return;
    const cells = arrange(
      shown.length,
      groups.some(({ length }) => length > 1),
    );
    const tiles = cells.map((cell) => cellBox(cell, this.#area));
    const frames = groups.flatMap((group, index) => {
      const frame = this.#frames[index];
      return frame ? [{ frame, look: looks?.get(group[0]!) ?? 0 }] : [];
    });
    // The one frame that holds everybody has nothing beside it.
    const beside = groups.length > 1 ? frames.map(({ frame }) => frame.inTile) : [];
    const places = this.shots.match(shown, tiles, picture, looks, isSceneAlone || durationS === 0, beside);
    frames.forEach(({ frame, look }, index) => {
      const [place, group] = [places[index], beside[index]];
      frame.place = withMore(place && group ? placeOfCommon(place, group) : {}, { look });
    });
  }

  /** Gives everybody their tile, and those who share a frame their part of it. */
  #arrange({ groups, isUrgent }: PlannedShot, heads: ReadonlyMap<TrackId, Head>, change: ShotChange): void {
    const { nowS, durationS, dissolveS, isSceneAlone } = change;
    const wanted = groups.flat();
    const before = isSceneAlone ? undefined : this.#frameToMoveOn(groups, nowS);
    this.#board.show(wanted, {
      nowS,
      dissolveS,
      moveS: isSceneAlone || before ? 0 : durationS,
      areShotsVisible: !isSceneAlone && before === undefined,
      isInterchangeable: (tile) => this.views.frameAt(tile, nowS) !== undefined,
      inColumns: groups.some(({ length }) => length > 1),
    });
    const { active } = this.#board;
    const aimS = isSceneAlone ? 0 : isUrgent ? Math.min(durationS, URGENT_S) : durationS;
    this.#frames = [];
    let position = 0;
    for (const group of groups) {
      const { width, height } = this.#area;
      const tile = { width: (width * group.length) / wanted.length, height };
      const frame = group.length > 1 ? this.views.frameOf(this.#headsOf(group, heads), tile) : undefined;
      this.#frames.push(frame);
      for (const shown of active.slice(position, position + group.length)) {
        if (before) this.views.cut(shown, before);
        else if (!frame && this.#isElsewhere(shown, heads, change)) this.views.cut(shown, undefined);
        this.views.aim(shown, frame, nowS, aimS);
      }
      position += group.length;
    }
  }

  /**
   * Whether a tile goes from a frame to somebody who is not in it: moving there, it would show nobody on the way.
   */
  #isElsewhere(shown: Tile, heads: ReadonlyMap<TrackId, Head>, { nowS, picture }: ShotChange): boolean {
    const frame = this.views.frameAt(shown, nowS);
    const head = shown.trackId === undefined ? undefined : heads.get(shown.trackId);
    if (!(frame instanceof CommonFrame) || !head || frame.members.has(shown.trackId!)) return false;
    const placed = this.#board.at(nowS).map(({ tile, cell }) => ({ tile, dest: cellBox(cell, this.#area) }));
    const { x, width } = frame.crop(this.views.rectsOf(placed).get(frame) ?? this.#area, picture);
    return head.x < x || head.x > x + width;
  }

  /**
   * The frame that fills the picture now, where the next shot fills it too and shows some of its people: the camera
   * moves from one to the other, and tiles change unseen.
   */
  #frameToMoveOn(groups: PlannedShot['groups'], nowS: number): Framed | undefined {
    const { active, trackIds } = this.#board;
    const [group, ...others] = groups;
    if (!group || others.length > 0 || !this.#board.isSettled(nowS)) return undefined;
    const stay = group.filter((trackId) => trackIds.includes(trackId));
    if (stay.length === 0 || (stay.length === group.length && group.length === trackIds.length)) return undefined;
    const frames = new Set(active.map((tile) => this.views.frameAt(tile, nowS)));
    const [frame] = frames;
    if (frames.size > 1 || active.some((tile) => this.views.isOnTheWay(tile, nowS))) return undefined;
    // One person alone fills the picture with a shot of their own.
    const [only, ...more] = active;
    return frame ?? (more.length === 0 && only?.trackId !== undefined ? this.shots.of(only.trackId) : undefined);
  }

  /** Where these people are, or were when they were last in a shot. */
  #headsOf(group: readonly TrackId[], heads: ReadonlyMap<TrackId, Head>): ReadonlyMap<TrackId, Head> {
    return new Map(
      group.flatMap((trackId) => {
        const head = heads.get(trackId) ?? this.shots.of(trackId)?.head;
        return head ? [[trackId, head] as const] : [];
      }),
    );
  }
}
