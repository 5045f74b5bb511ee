import type { Box, Size } from '../../../shared/domain/box.js';
import type { TrackId } from '../../../shared/domain/track.js';
import type { Head } from '../../domain/head.js';
import { commonHead, groupInTile, type GroupInTile } from '../../domain/common-head.js';
import type { HeadPlace } from '../../domain/head-crop.js';
import { ShotFramer, type ShotOptions } from './shot-framer.js';

/**
 * One frame that several people share, over the cells of their tiles. It is as close as the tiles would be, and wider
 * where people need more room: so tiles that are about to meet join without a zoom. Who is out of sight keeps the
 * place where they were last seen.
 */
export class CommonFrame {
  /** Who shares it. */
  readonly members: ReadonlySet<TrackId>;
  readonly #options: ShotOptions;
  readonly #heads: Map<TrackId, Head>;
  readonly #framer: ShotFramer;
  #tile: Size;
  #place: HeadPlace = {};

  /**
   * Begins at rest.
   *
   * @param heads - where the members are
   * @param tile - the part of the output that it fills, pixels
   */
  constructor(heads: ReadonlyMap<TrackId, Head>, tile: Size, options: ShotOptions) {
    this.members = new Set(heads.keys());
    this.#options = options;
    this.#heads = new Map(heads);
    this.#tile = tile;
    this.#framer = new ShotFramer(this.#commonHead, options);
  }

  /** The part of the output that it fills, pixels. */
  set tile(tile: Size) {
    this.#tile = tile;
  }

  /** Where it has the head that stands for its people, beside other tiles; how far it is ahead of them. */
  set place(place: HeadPlace) {
    this.#place = place;
  }

  /** What stands for its people beside other tiles. */
  get inTile(): GroupInTile {
    return groupInTile([...this.#heads.values()], this.#tile, this.#options);
  }

  /** Moves on by `dtS` ≥ 0 seconds; `heads` of those who are in sight, absent where nothing is new. */
  update(dtS: number, heads: ReadonlyMap<TrackId, Head> | undefined): void {
    for (const [id, head] of heads ?? []) if (this.members.has(id)) this.#heads.set(id, head);
    this.#framer.update(dtS, heads ? this.#commonHead : 'unchanged');
    this.#framer.placeAt(this.#place, dtS, false);
  }

  /** The part of the picture to show, pixels with fractions; see {@link ShotFramer.crop}. */
  crop(tile: Size, picture: Size): Box {
    return this.#framer.crop(tile, picture);
  }

  /** The head that a tile of this size would show like the people together. */
  get #commonHead(): Head {
    return commonHead([...this.#heads.values()], this.#tile, this.#options);
  }
}

/** The part of `crop` that lies at `dest`, where `crop` fills `rect`. */
export function partOf(crop: Box, dest: Box, rect: Box): Box {
  const scaleX = crop.width / rect.width;
  const scaleY = crop.height / rect.height;
  return {
    x: crop.x + (dest.x - rect.x) * scaleX,
    y: crop.y + (dest.y - rect.y) * scaleY,
    width: dest.width * scaleX,
    height: dest.height * scaleY,
  };
}

/** The smallest box around all of these. */
export function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}
