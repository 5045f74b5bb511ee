import { intersectionArea, type Box, type Size } from '../../../shared/domain/box.js';
import { Glide } from '../../domain/glide.js';
import type { CompositionPlan, Mark, Region, SourceCondition } from '../../domain/composition-plan.js';
import type { LayoutName } from '../../../shared/domain/layout.js';
import type { SlotAssignment, Track, TrackId } from '../../../shared/domain/track.js';
import { cellBox } from './arrangement.js';
import { LabelFade } from './label-fade.js';
import { linesBetween, plateBox, PLATE_OPACITY } from './marks.js';
import { PeopleShots } from './people-shots.js';
import { coverCrop, sceneShare, shrinkTo, zoomBetween } from './scene-geometry.js';
import type { ShotOptions } from './shot-framer.js';
import { TileBoard } from './tile-board.js';
import type { Tile } from './tile.js';

/** How the picture is laid out. */
export interface LayoutPlannerOptions extends ShotOptions {
  /** Size of the composed picture, pixels: even numbers. */
  readonly output: Size;
  /**
   * How long the last picture is held when the source stalls, s, ≥ 0, before the slate. Higher bridges longer
   * stalls, lower shows the slate sooner. @defaultValue 1.5
   */
  readonly holdS?: number;
  /** Length of a change of layout, s, ≥ 0. Higher is slower, 0 cuts. @defaultValue 0.6 */
  readonly transitionS?: number;
  /** Width of the line between tiles, pixels, even. Higher is thicker, 0 is none. @defaultValue 0 */
  readonly borderPx?: number;
  /** Names of the slots, for people without a name of their own; an empty one is none. @defaultValue none */
  readonly labels?: readonly string[];
  /** The name plates that are drawn, by their text, with their size in pixels. @defaultValue none */
  readonly plates?: ReadonlyMap<string, { readonly crop: Size }>;
}

/** What the planner needs of one output frame. */
export interface LayoutInput {
  /** PTS of the output frame, milliseconds; one that does not rise plans the same moment again. */
  readonly ptsMs: number;
  /** Size of the source picture; absent before the first one. */
  readonly source: Size | undefined;
  /** The same array again, as with a frame that is repeated, is nothing new. */
  readonly tracks: readonly Track[];
  /** Who has which slot, from left to right, four at most; the number of people decides the layout. */
  readonly slots: SlotAssignment;
  /** Names of people. @defaultValue nobody has one */
  readonly names?: ReadonlyMap<TrackId, string>;
  /** Whether frames of the source come. */
  readonly condition: SourceCondition;
  /** Size of the slate picture. */
  readonly slate: Size;
}

interface VisibleTile {
  readonly tile: Tile;
  /** Output pixels; may be cut by the output's edge. */
  readonly dest: Box;
}

/** Zooming out to the scene, and back in, take this many times `transitionS`. */
const TO_SCENE_SLOWNESS = 3;
const FROM_SCENE_SLOWNESS = 2;
/** A tile that changes from one person to another does so in this share of `transitionS`. */
const DISSOLVE_SHARE = 0.5;

/**
 * Decides what every output frame looks like: two tiles, one person on the whole picture, a grid of
 * up to four, the whole scene, or a slate, and the transitions between them, without a jump.
 *
 * Every tile has a rectangle that moves to its cell in the arrangement for this number of people; new tiles
 * slide in over the edge and others out (`TileBoard`). The scene is the shots zoomed out until they show all
 * of the picture. A tile changes from one person to another by a dissolve. Each of these is a number that
 * moves (`Glide`) and may get another target on the way; crops follow from them for every frame, so their
 * aspect is always that of their tile. Pure: PTS in, plan out.
 */
export class LayoutPlanner {
  readonly #options: LayoutPlannerOptions;
  readonly #output: Size;
  readonly #board = new TileBoard();
  readonly #labels = new WeakMap<Tile, LabelFade>();
  readonly #shots: PeopleShots;
  /** 0 the shots … 1 the scene. */
  readonly #scene = new Glide(1);
  readonly #slate = new Glide(0);
  /** The layout without regard to the slate. */
  #layout: Exclude<LayoutName, 'slate'> = 'scene';
  #source: Size | undefined;
  #nowS = Number.NEGATIVE_INFINITY;
  #stalledSinceS: number | undefined;
  /** The layout is not visible yet (at the beginning, behind the slate): changes are cuts. */
  #isUnseen = true;

  constructor(options: LayoutPlannerOptions) {
    this.#output = options.output;
    this.#options = options;
    this.#shots = new PeopleShots(options);
  }

  /** The plan of one output frame; regions and marks are in output pixels, from the bottom up. */
  plan(input: LayoutInput): CompositionPlan {
    this.#nowS = Math.max(this.#nowS, input.ptsMs / 1000);
    this.#watchSource(input);
    // While the source stalls, the tracks are old: the picture is held.
    if (input.source && input.condition === 'live') this.#updateTiles(input);
    const tiles = this.#visibleTiles();
    return {
      ptsMs: input.ptsMs,
      layout: this.#slate.target === 1 ? 'slate' : this.#layout,
      regions: [...this.#sourceRegions(tiles), ...this.#slateRegions(input.slate)],
      marks: this.#marks(tiles),
    };
  }

  #watchSource({ source, condition }: LayoutInput): void {
    if (source && condition === 'live') {
      const isOther = source.width !== this.#source?.width || source.height !== this.#source.height;
      if (isOther || this.#slate.at(this.#nowS) >= 1) this.#isUnseen = true;
      if (this.#slate.target === 1) this.#slate.to(0, this.#nowS, this.#transitionS);
      this.#stalledSinceS = undefined;
      this.#source = source;
      return;
    }
    this.#stalledSinceS ??= this.#nowS;
    const isOver = this.#nowS - this.#stalledSinceS >= (this.#options.holdS ?? 1.5);
    if (!this.#source) this.#slate.snap(1);
    else if (isOver && this.#slate.target === 0) this.#slate.to(1, this.#nowS, this.#transitionS);
  }

  #updateTiles({ slots, tracks, names }: LayoutInput): void {
    if (this.#isUnseen) this.#startAgain();
    const wanted = slots.filter((trackId) => trackId !== undefined);
    if (this.#shots.isNew(tracks)) {
      for (const [a, b] of this.#shots.followExchanges(tracks)) this.#board.exchange(a, b);
    }
    for (const trackId of wanted) this.#takeOver(trackId, wanted, tracks);
    const durationS = this.#changeLayout(layoutOf(wanted.length));
    this.#board.show(wanted, {
      nowS: this.#nowS,
      moveS: durationS,
      dissolveS: this.#transitionS * DISSOLVE_SHARE,
      areShotsVisible: this.#sceneNow() < 1,
    });
    const shown = new Set(this.#board.tiles.flatMap(({ layers }) => layers.map(({ trackId }) => trackId)));
    this.#shots.move(this.#nowS, shown, tracks);
    this.#nameTiles(slots, names);
    this.#isUnseen = false;
  }

  /** Behind the slate, or with a source of another size, no transition is needed. */
  #startAgain(): void {
    this.#board.reset();
    this.#shots.reset();
    this.#scene.snap(1);
  }

  /** A person found again under a new id where they were lost: the shot goes on. */
  #takeOver(trackId: TrackId, wanted: readonly TrackId[], tracks: readonly Track[]): void {
    const oldId = this.#shots.predecessorOf(trackId, this.#board.trackIds, wanted, tracks);
    if (oldId === undefined) return;
    this.#board.exchange(oldId, trackId);
    this.#shots.rename(oldId, trackId);
  }

  /** Starts the transition to this layout. @returns its duration, s */
  #changeLayout(layout: Exclude<LayoutName, 'slate'>): number {
    const slowness = layout === 'scene' ? TO_SCENE_SLOWNESS : this.#layout === 'scene' ? FROM_SCENE_SLOWNESS : 1;
    const durationS = this.#isUnseen ? 0 : this.#transitionS * slowness;
    this.#layout = layout;
    const scene = layout === 'scene' ? 1 : 0;
    if (scene !== this.#scene.target) this.#scene.to(scene, this.#nowS, durationS);
    return durationS;
  }

  /** A tile carries the name of its person, or that of the slot that the person has. */
  #nameTiles(slots: SlotAssignment, names: LayoutInput['names']): void {
    for (const tile of this.#board.tiles) {
      const slot = tile.trackId === undefined ? -1 : slots.indexOf(tile.trackId);
      const name = tile.trackId === undefined ? undefined : names?.get(tile.trackId);
      const label = (name ?? this.#options.labels?.[slot]?.trim()) || undefined;
      const fade = this.#labels.get(tile) ?? new LabelFade();
      this.#labels.set(tile, fade);
      fade.show(label, this.#nowS, this.#isUnseen ? 0 : this.#transitionS * DISSOLVE_SHARE);
    }
  }

  /** The tiles inside the picture, from the bottom up, and where they are. */
  #visibleTiles(): readonly VisibleTile[] {
    const source = this.#source;
    if (!source || this.#slateNow() === 1) return [];
    const frame = this.#frameOf(source);
    return this.#board
      .at(this.#nowS)
      .map(({ tile, cell }) => ({ tile, dest: cellBox(cell, frame) }))
      .filter(({ dest }) => intersectionArea(dest, frame) > 0);
  }

  /** The tiles lie in the part of the output that the scene fills, so they meet all the way to it. */
  #frameOf(source: Size): Box {
    return shrinkTo({ x: 0, y: 0, ...this.#output }, sceneShare(this.#output, source), this.#sceneNow());
  }

  #marks(tiles: readonly VisibleTile[]): readonly Mark[] {
    // In the scene the tiles are one picture, without lines and names.
    const shown = 1 - this.#sceneNow();
    if (!this.#source || shown === 0) return [];
    const boxes = tiles.map(({ dest }) => dest);
    return [
      ...linesBetween(boxes, this.#frameOf(this.#source), this.#options.borderPx ?? 0, shown),
      ...tiles.flatMap(({ tile, dest }) => this.#labelsOf(tile, dest, shown)),
    ];
  }

  #labelsOf(tile: Tile, dest: Box, shown: number): readonly Mark[] {
    return (this.#labels.get(tile)?.at(this.#nowS) ?? []).flatMap(({ label, alpha }): readonly Mark[] => {
      // A plate that is not drawn yet appears once it is.
      const plate = this.#options.plates?.get(label)?.crop;
      return plate ? [{ type: 'label', label, dest: plateBox(plate, dest), alpha: alpha * shown * PLATE_OPACITY }] : [];
    });
  }

  #sourceRegions(tiles: readonly VisibleTile[]): readonly Region[] {
    const source = this.#source;
    return source ? tiles.flatMap(({ tile, dest }) => this.#tileRegions(tile, dest, source)) : [];
  }

  #tileRegions(tile: Tile, dest: Box, source: Size): readonly Region[] {
    const amount = this.#sceneNow();
    const whole = coverCrop(dest, source);
    const layers = amount === 1 ? [] : tile.layers.filter(({ trackId }) => this.#shots.of(trackId));
    if (layers.length === 0) return [{ content: 'source', crop: whole, dest, alpha: 1 }];
    return layers.flatMap(({ trackId, alpha }, index): readonly Region[] => {
      const opacity = index === 0 ? 1 : unit(alpha.at(this.#nowS));
      if (opacity === 0) return [];
      const shot = this.#shots.of(trackId)!.crop(dest, source);
      return [{ content: 'source', crop: zoomBetween(shot, whole, amount), dest, alpha: opacity, trackId }];
    });
  }

  #slateRegions(slate: Size): readonly Region[] {
    const alpha = this.#slateNow();
    if (alpha === 0) return [];
    const dest = { x: 0, y: 0, ...this.#output };
    return [{ content: 'slate', crop: coverCrop(dest, slate), dest, alpha }];
  }

  get #transitionS(): number {
    return this.#options.transitionS ?? 0.6;
  }

  #sceneNow(): number {
    return unit(this.#scene.at(this.#nowS));
  }

  #slateNow(): number {
    return unit(this.#slate.at(this.#nowS));
  }
}

function layoutOf(people: number): Exclude<LayoutName, 'slate'> {
  if (people === 0) return 'scene';
  return people === 1 ? 'single' : people === 2 ? 'dual' : 'grid';
}

/** A glide whose target changes on the way may overshoot a little. */
function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
