import { center, type Box, type Size } from '../../../shared/domain/box.js';
import type { SmallPicture } from './changed-squares.js';
import { SweepMemory } from './sweep-memory.js';

/** Where somebody is expected, pixels of the picture. */
export interface ExpectedPerson extends Box {
  /** Found just now without doubt, so that a smaller input finds them again. @defaultValue false */
  readonly isSure?: boolean;
}

/** A part of the picture, and how large the network is shown it. */
export interface Region extends Box {
  /** Long side of the network's input, pixels; less where it shows faces that are large in it. */
  readonly inputSide: number;
}

/** A picture that is searched, small. */
export interface SweptPicture extends SmallPicture {
  /** Milliseconds. */
  readonly ptsMs: number;
}

/** How a picture is divided into regions. */
export interface RegionSchedulerOptions {
  /** Side of the model's square input, pixels. @defaultValue 256 */
  readonly inputSide?: number;
  /** Side of the box in the input that a person is searched again with, pixels. @defaultValue as large as it gets */
  readonly knownBoxSide?: number;
  /** Regions in one detection, ≥ 2. Higher finds people sooner and costs more. @defaultValue 3 */
  readonly maxRegions?: number;
  /**
   * Smallest side of a person's box in the input, pixels. BlazeFace found 36 of 36 faces of three
   * people at 12 pixels with a score above 0.5, 34 at 8; harder faces need more. Higher gives
   * more people a region of their own, lower lets more of them share one. @defaultValue 24
   */
  readonly minBoxSide?: number;
}

/** How much of the picture around people a region has, in longer sides of their boxes. */
interface Surroundings {
  /** Side of the region of a single person, at least. */
  readonly perBox: number;
  /** Margin around every box: people move. */
  readonly margin: number;
}

const AROUND_ANYBODY: Surroundings = { perBox: 3.5, margin: 0.75 };
/** Of those whose boxes just now are without doubt. */
const AROUND_SURE: Surroundings = { perBox: 2.25, margin: 0.6 };
/** Share of the side of the input that such a region has at least: faces of 85 pixels, in an input of 256. */
const EASY_REGION = 0.75;

/** Neighbouring regions share at least this part of their side, so that a face at an edge is whole in one. */
const MIN_OVERLAP = 0.2;

/** After so many coarse regions of the sweep comes one fine region. */
const COARSE_PER_FINE = 4;

/** Where nothing changes, the sweep goes on after so long, ms of PTS. */
const STILL_SWEEP_MS = 400;

/**
 * Decides which regions of the picture a small model searches, so that faces fill enough of its input: around
 * the people who are known, and on a sweep over the picture for new ones. The sweep takes the whole picture and
 * squares of its shorter side in turn, which at 1920×1080 shows faces of 60 pixels and more within three
 * regions, and now and then a square of half that side, for smaller ones. It goes on by one region a detection;
 * while nobody is known it has all regions. Where the picture is given, small, it leaves out regions that have not
 * changed since they were searched, and searches one of those now and then.
 */
export class RegionScheduler {
  readonly #inputSide: number;
  readonly #maxRegions: number;
  readonly #minBoxSide: number;
  readonly #knownBoxSide: number;
  #picture: Size = { width: 0, height: 0 };
  #coarse: readonly Box[] = [];
  #fine: readonly Box[] = [];
  #step = 0;
  #stillStep = 0;
  #sweptMs = Number.NEGATIVE_INFINITY;
  readonly #memory = new SweepMemory();
  #groupTurn = 0;

  constructor({
    inputSide = 256,
    maxRegions = 3,
    minBoxSide = 24,
    knownBoxSide = Number.POSITIVE_INFINITY,
  }: RegionSchedulerOptions = {}) {
    if (!(maxRegions >= 2)) throw new RangeError(`maxRegions: expected at least 2, got ${maxRegions}`);
    this.#inputSide = inputSide;
    this.#maxRegions = maxRegions;
    this.#minBoxSide = minBoxSide;
    this.#knownBoxSide = knownBoxSide;
  }

  /**
   * The regions to search in the next frame: whole pixels, inside the picture, at most `maxRegions` of them; none
   * where nobody is known and nothing has changed.
   *
   * @param people - expected boxes, pixels
   * @param small - the picture, small; absent where it is not known, then all of it counts as changed
   */
  next(picture: Size, people: readonly ExpectedPerson[], small?: SweptPicture): readonly Region[] {
    if (picture.width !== this.#picture.width || picture.height !== this.#picture.height) {
      this.#picture = { width: picture.width, height: picture.height };
      const side = Math.min(picture.width, picture.height);
      this.#coarse = [{ x: 0, y: 0, ...this.#picture }, ...tiles(picture, side)];
      this.#fine = tiles(picture, Math.ceil(side / 2));
      this.#step = 0;
      this.#memory.clear();
    }
    const around = this.#aroundPeople(people);
    const sweepCount = around.length > 0 ? 1 : Math.min(this.#maxRegions, this.#coarse.length);
    const swept = small
      ? this.#sweepChanged(sweepCount, small, people)
      : Array.from({ length: sweepCount }, () => this.#sweepAt(this.#step++));
    return [...around, ...swept.map((region) => ({ ...region, inputSide: this.#inputSide }))];
  }

  /** Of the next coarse regions and the next fine one those that have changed, `count` at most. */
  #sweepChanged(count: number, small: SweptPicture, people: readonly Box[]): readonly Box[] {
    this.#memory.look(small, people);
    const regions = new Set<Box>();
    for (let i = 0; i <= COARSE_PER_FINE && regions.size < count; i += 1) {
      const region = this.#sweepAt(this.#step++);
      if (this.#memory.hasChanged(region)) regions.add(region);
    }
    const restMs = Math.abs(small.ptsMs - this.#sweptMs);
    if (regions.size === 0 && restMs >= STILL_SWEEP_MS) regions.add(this.#sweepAt(this.#stillStep++));
    if (regions.size > 0) this.#sweptMs = small.ptsMs;
    for (const region of regions) this.#memory.search(region);
    return [...regions];
  }

  #sweepAt(step: number): Box {
    const round = Math.floor(step / (COARSE_PER_FINE + 1));
    const part = step % (COARSE_PER_FINE + 1);
    const from = part === COARSE_PER_FINE ? this.#fine : this.#coarse;
    const turn = part === COARSE_PER_FINE ? round : round * COARSE_PER_FINE + part;
    return from[turn % from.length] as Box;
  }

  /** One region for people who are close together, else one each; in turns where there are too many. */
  #aroundPeople(people: readonly ExpectedPerson[]): readonly Region[] {
    const largestFirst = people
      .filter((box) => isInside(center(box), this.#picture))
      .sort((a, b) => longSide(b) - longSide(a));
    const available = this.#maxRegions - 1;
    const cheap = this.#grouped(largestFirst, (members, box) => this.#savesBy(members, box));
    const groups = cheap.length <= available ? cheap : this.#grouped(largestFirst, () => true);
    if (groups.length <= available) return groups.map((members) => this.#region(members));
    const first = this.#groupTurn;
    this.#groupTurn = (first + available) % groups.length;
    return Array.from({ length: available }, (_, i) =>
      this.#region(groups[(first + i) % groups.length] as ExpectedPerson[]),
    );
  }

  /** People who share a region: where it shows all of them large enough, and `isWanted`. */
  #grouped(
    largestFirst: readonly ExpectedPerson[],
    isWanted: (members: readonly ExpectedPerson[], box: ExpectedPerson) => boolean,
  ): readonly (readonly ExpectedPerson[])[] {
    const groups: ExpectedPerson[][] = [];
    for (const box of largestFirst) {
      const group = groups.find((members) => this.#fits([...members, box]) && isWanted(members, box));
      if (group === undefined) groups.push([box]);
      else group.push(box);
    }
    return groups;
  }

  /** Whether one more in a region costs no more than a region of their own. */
  #savesBy(members: readonly ExpectedPerson[], box: ExpectedPerson): boolean {
    const [apart, alone, together] = [members, [box], [...members, box]].map((each) => costOf(this.#region(each)));
    return together! <= apart! + alone!;
  }

  /** Whether one region shows all of them large enough. */
  #fits(boxes: readonly Box[]): boolean {
    const smallest = Math.min(...boxes.map(longSide));
    return (smallest * this.#inputSide) / regionSide(boxes) >= this.#minBoxSide;
  }

  #region(boxes: readonly ExpectedPerson[]): Region {
    const isSure = Number.isFinite(this.#knownBoxSide) && boxes.every((box) => box.isSure);
    const side = regionSide(boxes, isSure ? AROUND_SURE : AROUND_ANYBODY);
    const { left, top, right, bottom } = bounds(boxes, 0);
    const region = inside({ x: (left + right) / 2, y: (top + bottom) / 2 }, side, this.#picture);
    const smallest = Math.min(...boxes.map(longSide));
    // Faces that are small in the picture are blurred: they are found best as large as they get.
    const isEasy = isSure && longSide(region) >= EASY_REGION * this.#inputSide;
    const needed = (longSide(region) * this.#knownBoxSide) / smallest;
    return { inputSide: isEasy ? Math.min(this.#inputSide, needed) : this.#inputSide, ...region };
  }
}

/** What a network works on the region, in pixels of its input. */
const costOf = ({ width, height, inputSide }: Region): number =>
  (inputSide * inputSide * Math.min(width, height)) / Math.max(width, height);

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

function regionSide(boxes: readonly Box[], { perBox, margin } = AROUND_ANYBODY): number {
  const { left, top, right, bottom } = bounds(boxes, margin);
  return Math.max(right - left, bottom - top, perBox * Math.max(...boxes.map(longSide)));
}

/** A square around `middle`, moved into the picture, and cut where it is larger than the picture. */
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
  const rest = length - side;
  const count = rest <= 0 ? 1 : Math.ceil(rest / (side * (1 - MIN_OVERLAP))) + 1;
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((rest * i) / (count - 1))));
}

/**
 * Whether `box` ends at a border of `region` that is not the picture's own: such a detection is part of a face,
 * and a neighbouring region has all of it.
 *
 * @param tolerance - pixels of the picture
 */
export function isCutByRegion(box: Box, region: Box, picture: Size, tolerance: number): boolean {
  return (
    (region.x > 0 && box.x < region.x + tolerance) ||
    (region.y > 0 && box.y < region.y + tolerance) ||
    (region.x + region.width < picture.width && box.x + box.width > region.x + region.width - tolerance) ||
    (region.y + region.height < picture.height && box.y + box.height > region.y + region.height - tolerance)
  );
}
