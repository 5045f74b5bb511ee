import type { Box, Size } from '../../../shared/domain/box.js';
import type { TrackId } from '../../../shared/domain/track.js';
import { Glide } from '../../domain/glide.js';
import type { Head } from '../../domain/head.js';
import { around, CommonFrame, partOf } from './common-frame.js';
import { zoomBetween } from './scene-geometry.js';
import type { ShotOptions } from './shot-framer.js';
import type { Tile } from './tile.js';

/** What a frame of several tiles is asked. */
export interface Framed {
  /** The part of the source to show in a rectangle of this size. */
  crop(tile: Size, picture: Size): Box;
}

/** What a tile shows: its part of a frame, or `undefined` for the shot of its own person. */
interface Aim {
  /** Shared, or that of one person over the whole picture. */
  readonly frame: Framed | undefined;
  /** 0 what was before … 1 this. */
  readonly amount: Glide;
}

/** A tile that moves, and where it is. */
export interface PlacedView {
  /** Whom it shows. */
  readonly tile: Tile;
  /** Output pixels. */
  readonly dest: Box;
}

/**
 * Whether each tile shows the shot of its own person, or its part of a frame that several tiles share, and the way
 * from one to the other: crops move and zoom, so tiles join to one picture and part again without a jump.
 */
export class TileViews {
  readonly #options: ShotOptions;
  #aims = new Map<Tile, Aim[]>();
  #frames: CommonFrame[] = [];
  #movedS = 0;

  constructor(options: ShotOptions) {
    this.#options = options;
  }

  /** Forgets everything: tiles show their own people. */
  reset(): void {
    this.#aims.clear();
    this.#frames = [];
  }

  /**
   * The frame of these people, which goes on where there is one.
   *
   * @param heads - where its members are
   * @param tile - the part of the output that it fills, pixels
   */
  frameOf(heads: ReadonlyMap<TrackId, Head>, tile: Size): CommonFrame {
    const known = this.#frames.find(
      ({ members }) => members.size === heads.size && [...heads.keys()].every((id) => members.has(id)),
    );
    const frame = known ?? new CommonFrame(heads, tile, this.#options);
    frame.tile = tile;
    if (!known) this.#frames.push(frame);
    return frame;
  }

  /** Moves the frames on; `heads` of those in sight, absent where nothing is new. Forgets what no tile shows. */
  move(nowS: number, heads: ReadonlyMap<TrackId, Head> | undefined, tiles: readonly Tile[]): void {
    const sinceS = nowS - this.#movedS;
    this.#movedS = nowS;
    for (const frame of this.#frames) frame.update(sinceS, heads);
    for (const [tile, aims] of this.#aims) {
      if (!tiles.includes(tile)) this.#aims.delete(tile);
      else
        aims.splice(
          0,
          Math.max(
            0,
            aims.findLastIndex(({ amount }) => amount.isSettled(nowS)),
          ),
        );
    }
    const shown = new Set([...this.#aims.values()].flatMap((aims) => aims.map(({ frame }) => frame)));
    this.#frames = this.#frames.filter((frame) => shown.has(frame));
  }

  /** From `nowS` (s) on the tile changes to `frame`, or to its own person, within `durationS` ≥ 0 seconds. */
  aim(tile: Tile, frame: Framed | undefined, nowS: number, durationS: number): void {
    const aims = this.#aims.get(tile);
    const last = aims?.at(-1);
    if (last?.frame === frame) {
      // It has to be there sooner than it was to be.
      if (last && last.amount.endS > nowS + durationS) last.amount.to(1, nowS, durationS);
      return;
    }
    if (durationS === 0) return this.cut(tile, frame);
    const amount = new Glide(0);
    amount.to(1, nowS, durationS);
    this.#aims.set(tile, [...(aims ?? [{ frame: undefined, amount: new Glide(1) }]), { frame, amount }]);
  }

  /** The tile shows `frame`, or its own person, at once. */
  cut(tile: Tile, frame: Framed | undefined): void {
    this.#aims.set(tile, [{ frame, amount: new Glide(1) }]);
  }

  /** The frame that the tile shows its part of, and nothing else; `undefined` on the way, and for its own person. */
  frameAt(tile: Tile, nowS: number): Framed | undefined {
    const last = this.#aims.get(tile)?.at(-1);
    return last?.amount.isSettled(nowS) ? last.frame : undefined;
  }

  /** Whether the tile is on the way from one to another. */
  isOnTheWay(tile: Tile, nowS: number): boolean {
    return this.#aims.get(tile)?.at(-1)?.amount.isSettled(nowS) === false;
  }

  /** The frames that the tile shows its part of, or comes from. */
  framesOf(tile: Tile): readonly Framed[] {
    return (this.#aims.get(tile) ?? []).flatMap(({ frame }) => frame ?? []);
  }

  /** How far the tile shows a part of a shared frame, in [0, 1]. */
  sharedAt(tile: Tile, nowS: number): number {
    return (this.#aims.get(tile) ?? []).reduce((shared, { frame, amount }, index) => {
      const target = frame instanceof CommonFrame ? 1 : 0;
      return index === 0 ? target : shared + (target - shared) * unit(amount.at(nowS));
    }, 0);
  }

  /** For each tile, how far it shows a part of the frame that the tile on its left has a part of, in [0, 1]. */
  joinedAt(placed: readonly PlacedView[], nowS: number): readonly number[] {
    const rects = this.rectsOf(placed);
    return placed.map(({ tile, dest }) => {
      const isWider = this.framesOf(tile).some((frame) => (rects.get(frame)?.x ?? dest.x) < dest.x);
      return isWider ? this.sharedAt(tile, nowS) : 0;
    });
  }

  /** The rectangle that each frame fills: that of all tiles which show it, or come from it. */
  rectsOf(placed: readonly PlacedView[]): ReadonlyMap<Framed, Box> {
    const boxes = new Map<Framed, Box[]>();
    for (const { tile, dest } of placed) {
      for (const { frame } of this.#aims.get(tile) ?? []) {
        if (frame) boxes.set(frame, [...(boxes.get(frame) ?? []), dest]);
      }
    }
    return new Map([...boxes].map(([frame, dests]) => [frame, around(dests)]));
  }

  /**
   * What the tile shows of the source.
   *
   * @param own - the shot of its person
   */
  crop({ tile, dest }: PlacedView, own: Framed, rects: ReadonlyMap<Framed, Box>, picture: Size, nowS: number): Box {
    const aims = this.#aims.get(tile) ?? [];
    const cropOf = ({ frame }: Aim): Box => {
      const rect = frame && rects.get(frame);
      return frame && rect ? partOf(frame.crop(rect, picture), dest, rect) : own.crop(dest, picture);
    };
    const [first, ...later] = aims;
    if (!first) return own.crop(dest, picture);
    return later.reduce((crop, aim) => zoomBetween(crop, cropOf(aim), unit(aim.amount.at(nowS))), cropOf(first));
  }
}

const unit = (value: number): number => Math.min(1, Math.max(0, value));
