import type { Box, Size } from '../../../shared/domain/box.js';
import type { TrackId } from '../../../shared/domain/track.js';
import type { Head } from '../../domain/head.js';
import { HEAD_FRAMING, type HeadFraming } from '../../domain/head-crop.js';
import { ShotFramer, type ShotOptions } from './shot-framer.js';

/** The highest head keeps this share of its headroom. */
const LEAST_HEADROOM = 0.4;

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
  #look = 0;

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

  /** How far it is ahead of its people, who look or walk to a side; fraction of its width, to the right. */
  set look(look: number) {
    this.#look = look;
  }

  /** Moves on by `dtS` ≥ 0 seconds; `heads` of those who are in sight, absent where nothing is new. */
  update(dtS: number, heads: ReadonlyMap<TrackId, Head> | undefined): void {
    for (const [id, head] of heads ?? []) if (this.members.has(id)) this.#heads.set(id, head);
    this.#framer.update(dtS, heads ? this.#commonHead : 'unchanged');
    this.#framer.placeAt({ look: this.#look }, dtS, false);
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

/**
 * A head whose shot, in a tile of this size, holds all of these heads; that of nobody is in the middle of nowhere.
 * Each has as much room to the side as in a tile of its own, half of the height of `tile` wide at least.
 */
export function commonHead(heads: readonly Head[], tile: Size, framing: HeadFraming): Head {
  const headRatio = framing.headRatio ?? HEAD_FRAMING.headRatio;
  const headroomRatio = framing.headroomRatio ?? HEAD_FRAMING.headroomRatio;
  if (heads.length === 0) return { x: 0, eyesY: 0, height: tile.height };
  // Room to each side of a head: half of its tile, were there one for each.
  const share = tile.width / tile.height / heads.length / 2;
  const left = Math.min(...heads.map(({ x, height }) => x - (share * height) / headRatio));
  const right = Math.max(...heads.map(({ x, height }) => x + (share * height) / headRatio));
  const closest = Math.max(...heads.map(({ height }) => height)) / headRatio;
  const height = Math.max(closest, ((right - left) * tile.height) / tile.width);
  const eyes = heads.reduce((sum, { eyesY }) => sum + eyesY, 0) / heads.length;
  const crown = Math.min(...heads.map((head) => head.eyesY - head.height / 2));
  const eyesBelowTop = (headroomRatio + headRatio / 2) * height;
  return {
    x: (left + right) / 2,
    eyesY: Math.min(eyes, crown + eyesBelowTop - LEAST_HEADROOM * headroomRatio * height),
    height: headRatio * height,
  };
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
    ...{ x, y },
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}
