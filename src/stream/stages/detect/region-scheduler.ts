import { center, type Box, type Size } from '../../../shared/domain/box.js';

export interface RegionSchedulerOptions {
  /** Side of the model's square input, pixels. @defaultValue 256 */
  readonly inputSide?: number;
  /** Regions a detection may take: the cost of one grows with it. At least 2. @defaultValue 3 */
  readonly maxRegions?: number;
  /**
   * Smallest side of a person's box in the input, pixels. BlazeFace found 36 of 36 faces of three
   * people at 12 pixels with a score above 0.5, 34 at 8; harder faces need more. @defaultValue 24
   */
  readonly minBoxSide?: number;
}

/** A lone person's region is this many times the longer side of the box. */
const REGION_PER_BOX = 3.5;

/** Room that is left around every box of a region, in sides of the box: people move. */
const MARGIN_PER_BOX = 0.75;

/** Tiles of neighbours share at least this part of their side, so that a face at an edge is whole in one. */
const MIN_OVERLAP = 0.2;

/** After so many coarse sweeps comes one fine tile. */
const COARSE_PER_FINE = 4;

/**
 * Decides on which parts of the picture a small model looks, so that faces fill enough of its
 * input: around the people who are known, and on a sweep over the picture for newcomers. The sweep
 * takes the whole picture and squares of its shorter side in turn, which at 1920×1080 shows faces
 * of 60 pixels and more within three regions, and now and then a square of half that side, for
 * smaller ones. It goes on by one region a detection; while nobody is known it has the whole
 * budget. Pure but for its place in the sweep.
 */
export class RegionScheduler {
  readonly #inputSide: number;
  readonly #maxRegions: number;
  readonly #minBoxSide: number;
  #picture: Size = { width: 0, height: 0 };
  #coarse: readonly Box[] = [];
  #fine: readonly Box[] = [];
  #step = 0;
  #groupTurn = 0;

  constructor({ inputSide = 256, maxRegions = 3, minBoxSide = 24 }: RegionSchedulerOptions = {}) {
    if (!(maxRegions >= 2)) throw new RangeError(`maxRegions: expected at least 2, got ${maxRegions}`);
    this.#inputSide = inputSide;
    this.#maxRegions = maxRegions;
    this.#minBoxSide = minBoxSide;
  }

  /** Where to look now; whole pixels, inside the picture, at least one and at most `maxRegions`. */
  next(picture: Size, people: readonly Box[]): readonly Box[] {
    if (picture.width !== this.#picture.width || picture.height !== this.#picture.height) {
      this.#picture = { width: picture.width, height: picture.height };
      const side = Math.min(picture.width, picture.height);
      this.#coarse = [{ x: 0, y: 0, ...this.#picture }, ...tiles(picture, side)];
      this.#fine = tiles(picture, Math.ceil(side / 2));
      this.#step = 0;
    }
    const around = this.#aroundPeople(people);
    const sweepCount = around.length > 0 ? 1 : Math.min(this.#maxRegions, this.#coarse.length);
    return [...around, ...Array.from({ length: sweepCount }, () => this.#sweep())];
  }

  #sweep(): Box {
    const step = this.#step++;
    const round = Math.floor(step / (COARSE_PER_FINE + 1));
    const place = step % (COARSE_PER_FINE + 1);
    const from = place === COARSE_PER_FINE ? this.#fine : this.#coarse;
    const turn = place === COARSE_PER_FINE ? round : round * COARSE_PER_FINE + place;
    return from[turn % from.length] as Box;
  }

  /** One region for people who stand close, else one each; in turns where there are too many. */
  #aroundPeople(people: readonly Box[]): readonly Box[] {
    const largestFirst = people
      .filter((box) => isInside(center(box), this.#picture))
      .sort((a, b) => longSide(b) - longSide(a));
    const groups: Box[][] = [];
    for (const box of largestFirst) {
      const group = groups.find((members) => this.#fits([...members, box]));
      if (group === undefined) groups.push([box]);
      else group.push(box);
    }
    const slots = this.#maxRegions - 1;
    if (groups.length <= slots) return groups.map((members) => this.#region(members));
    const first = this.#groupTurn;
    this.#groupTurn = (first + slots) % groups.length;
    return Array.from({ length: slots }, (_, i) => this.#region(groups[(first + i) % groups.length] as Box[]));
  }

  /** Whether one region shows all of them large enough. */
  #fits(boxes: readonly Box[]): boolean {
    const smallest = Math.min(...boxes.map(longSide));
    return (smallest * this.#inputSide) / regionSide(boxes) >= this.#minBoxSide;
  }

  #region(boxes: readonly Box[]): Box {
    const side = regionSide(boxes);
    const { left, top, right, bottom } = bounds(boxes, 0);
    return inside({ x: (left + right) / 2, y: (top + bottom) / 2 }, side, this.#picture);
  }
}

const longSide = ({ width, height }: Size): number => Math.max(width, height);

const isInside = ({ x, y }: { readonly x: number; readonly y: number }, { width, height }: Size): boolean =>
  x >= 0 && y >= 0 && x <= width && y <= height;

function bounds(boxes: readonly Box[], margin: number) {
  return {
    left: Math.min(...boxes.map((box) => box.x - margin * longSide(box))),
    top: Math.min(...boxes.map((box) => box.y - margin * longSide(box))),
    right: Math.max(...boxes.map((box) => box.x + box.width + margin * longSide(box))),
    bottom: Math.max(...boxes.map((box) => box.y + box.height + margin * longSide(box))),
  };
}

function regionSide(boxes: readonly Box[]): number {
  const { left, top, right, bottom } = bounds(boxes, MARGIN_PER_BOX);
  return Math.max(right - left, bottom - top, REGION_PER_BOX * Math.max(...boxes.map(longSide)));
}

/** A square about `middle`, moved into the picture, and cut where it is larger than the picture. */
function inside(middle: { readonly x: number; readonly y: number }, side: number, picture: Size): Box {
  const width = Math.min(Math.ceil(side), picture.width);
  const height = Math.min(Math.ceil(side), picture.height);
  return {
    x: Math.round(Math.min(Math.max(0, middle.x - width / 2), picture.width - width)),
    y: Math.round(Math.min(Math.max(0, middle.y - height / 2), picture.height - height)),
    width,
    height,
  };
}

/** Squares that cover the picture, evenly spread, neighbours overlapping by `MIN_OVERLAP` or more. */
function tiles({ width, height }: Size, side: number): readonly Box[] {
  return starts(height, side).flatMap((y) => starts(width, side).map((x) => ({ x, y, width: side, height: side })));
}

function starts(length: number, side: number): readonly number[] {
  const room = length - side;
  const count = room <= 0 ? 1 : Math.ceil(room / (side * (1 - MIN_OVERLAP))) + 1;
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((room * i) / (count - 1))));
}

/**
 * Whether `box` ends at a border of `region` that is not the picture's own: such a find is half
 * a face, and a neighbouring region has it whole. `tolerance` in pixels of the picture.
 */
export function isCutByRegion(box: Box, region: Box, picture: Size, tolerance: number): boolean {
  return (
    (region.x > 0 && box.x < region.x + tolerance) ||
    (region.y > 0 && box.y < region.y + tolerance) ||
    (region.x + region.width < picture.width && box.x + box.width > region.x + region.width - tolerance) ||
    (region.y + region.height < picture.height && box.y + box.height > region.y + region.height - tolerance)
  );
}
