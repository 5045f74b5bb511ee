import { intersectionArea, type Box, type Size } from '../../../shared/domain/box.js';
import { Glide } from '../../domain/glide.js';
import type { CompositionPlan, Mark, Region } from '../../domain/composition-plan.js';
import { tileArea } from '../../domain/tile-area.js';
import type { LayoutName } from '../../../shared/domain/layout.js';
import type { SlotAssignment } from '../../../shared/domain/track.js';
import { cellBox } from './arrangement.js';
import { LabelFade } from './label-fade.js';
import { around, partOf } from './common-frame.js';
import type { LayoutInput, LayoutPlannerOptions } from './layout-input.js';
import { PLATE_OPACITY } from './marks.js';
import { platesOf, type NamedTile } from './plates.js';
import { coverCrop, sceneShare, shrinkTo, zoomBetween } from './scene-geometry.js';
import { layoutOf, shotOfSlots } from './shot-layout.js';
import { SlateFade } from './slate-fade.js';
import { ShotBoard, type PlannedShot } from './shot-board.js';
import { edgesOf } from './tile-edges.js';
import type { Framed, PlacedView } from './tile-views.js';
import type { Tile } from './tile.js';
import { withMore } from '../../../shared/with-more.js';

/** Zooming out to the scene, and back in, take this many times `transitionS`. */
const TO_SCENE_SLOWNESS = 3;
const FROM_SCENE_SLOWNESS = 2;
/** The same to the scene while somebody comes in: they are to be seen. */
const TO_ENTRANCE_SLOWNESS = 1.5;
/** A tile that changes from one person to another does so in this share of `transitionS`. */
const DISSOLVE_SHARE = 0.5;

/**
 * Decides what every output frame looks like: two tiles, one person on the whole picture, a grid of
 * up to four, the whole scene, or a slate, and the transitions between them, without a jump.
 *
 * People who share a frame keep their tiles, each of which shows its part of the frame (`TileViews`).
 * Every tile has a rectangle that moves to its cell in the arrangement for this number of people; new tiles
 * slide in over the edge and others out (`TileBoard`). The scene is the shots zoomed out until they show all
 * of the picture. A tile changes from one person to another by a dissolve. Each of these is a number that
 * moves (`Glide`) and may get another target on the way; crops follow from them for every frame, so their
 * aspect is always that of their tile. Pure: PTS in, plan out.
 */
export class LayoutPlanner {
  readonly #options: LayoutPlannerOptions;
  readonly #labels = new WeakMap<Tile, LabelFade>();
  readonly #board: ShotBoard;
  /** 0 the shots … 1 the scene. */
  readonly #scene = new Glide(1);
  readonly #slate = new SlateFade();
  /** The layout without regard to the slate. */
  #layout: Exclude<LayoutName, 'slate'> = 'scene';
  #source: Size | undefined;
  #nowS = Number.NEGATIVE_INFINITY;
  #stalledSinceS: number | undefined;
  /** The layout is not visible yet (at the beginning, behind the slate): changes are cuts. */
  #isUnseen = true;

  constructor(options: LayoutPlannerOptions) {
    this.#options = options;
    this.#board = new ShotBoard(options);
  }

  /** The plan of one output frame; regions and marks are in output pixels, from the bottom up. */
  plan(input: LayoutInput): CompositionPlan {
    this.#nowS = Math.max(this.#nowS, input.ptsMs / 1000);
    this.#watchSource(input);
    // While the source stalls, the tracks are old: the picture is held.
    if (input.source && input.condition === 'live') this.#updateTiles(input, input.source);
    const tiles = this.#visibleTiles();
    return {
      ptsMs: input.ptsMs,
      layout: this.#slate.isWanted ? 'slate' : this.#layout,
      regions: [...this.#sourceRegions(tiles), ...this.#slate.regions(this.#options.output, input.slate, this.#nowS)],
      marks: this.#marks(tiles),
    };
  }

  #watchSource({ source, condition }: LayoutInput): void {
    if (source && condition === 'live') {
      const isOther = source.width !== this.#source?.width || source.height !== this.#source.height;
      if (isOther || this.#slate.at(this.#nowS) >= 1) this.#isUnseen = true;
      if (this.#slate.isWanted) this.#slate.hide(this.#nowS, this.#transitionS);
      this.#stalledSinceS = undefined;
      this.#source = source;
      return;
    }
    this.#stalledSinceS ??= this.#nowS;
    const isOver = this.#nowS - this.#stalledSinceS >= (this.#options.holdS ?? 1.5);
    if (!this.#source) this.#slate.begin();
    else if (isOver && !this.#slate.isWanted) this.#slate.show(this.#nowS, this.#transitionS);
  }

  #updateTiles({ slots, tracks, names, shot = shotOfSlots(slots) }: LayoutInput, picture: Size): void {
    if (this.#isUnseen) this.#startAgain();
    const isSceneAlone = this.#sceneNow() === 1;
    this.#board.follow(shot, tracks);
    const durationS = this.#changeLayout(shot);
    this.#board.show(shot, tracks, {
      nowS: this.#nowS,
      durationS,
      dissolveS: this.#changeS * DISSOLVE_SHARE,
      isSceneAlone,
      picture,
      // On the way to the scene tiles keep their people; once it is there, nobody sees them change.
      isKept: shot.kind === 'wide' && this.#sceneNow() < 1,
    });
    this.#nameTiles(slots, names);
    this.#isUnseen = false;
  }

  /** Behind the slate, or with a source of another size, no transition is needed. */
  #startAgain(): void {
    this.#board.reset();
    this.#scene.snap(1);
  }

  /** Starts the transition to this shot. @returns its duration, s */
  #changeLayout(shot: PlannedShot): number {
    const layout = layoutOf(shot);
    const toScene = shot.reason === 'entering' ? TO_ENTRANCE_SLOWNESS : TO_SCENE_SLOWNESS;
    const slowness = layout === 'scene' ? toScene : this.#layout === 'scene' ? FROM_SCENE_SLOWNESS : 1;
    const durationS = this.#isUnseen ? 0 : this.#changeS * slowness;
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
      const isAtOnce = this.#isUnseen || this.#board.views.frameAt(tile, this.#nowS) !== undefined;
      fade.show(label, this.#nowS, isAtOnce ? 0 : this.#changeS * DISSOLVE_SHARE);
    }
  }

  /** The tiles inside the picture, from the bottom up, and where they are. */
  #visibleTiles(): readonly PlacedView[] {
    const source = this.#source;
    if (!source || this.#slate.at(this.#nowS) === 1) return [];
    const frame = this.#frameOf(source);
    return this.#board
      .placed(this.#nowS)
      .map(({ tile, cell }) => ({ tile, dest: cellBox(cell, frame) }))
      .filter(({ dest }) => intersectionArea(dest, frame) > 0);
  }

  /** The tiles lie in the part of the output that the scene fills, so they meet all the way to it. */
  #frameOf(source: Size): Box {
    const area = tileArea(this.#options.output, this.#options.marginPx);
    return shrinkTo(area, sceneShare(area, source), this.#sceneNow());
  }

  #marks(tiles: readonly PlacedView[]): readonly Mark[] {
    const source = this.#source;
    if (!source || tiles.length === 0) return [];
    // In the scene the tiles are one picture, without lines and names.
    const shown = 1 - this.#sceneNow();
    const edges = edgesOf(
      tiles.map(({ dest }) => dest),
      this.#frameOf(source),
      this.#options,
      this.#board.views.joinedAt(tiles, this.#nowS),
      this.#sceneNow(),
    );
    return shown === 0 ? edges : [...edges, ...this.#plates(tiles, source, shown)];
  }

  #plates(tiles: readonly PlacedView[], source: Size, shown: number): readonly Mark[] {
    const rects = this.#board.views.rectsOf(tiles);
    const shared = tiles.map(({ tile }) => this.#board.views.sharedAt(tile, this.#nowS));
    const named = tiles.flatMap(({ tile, dest }, index): readonly NamedTile[] => {
      const own = tile.trackId === undefined ? undefined : this.#board.shots.of(tile.trackId);
      const labels = this.#labels.get(tile)?.at(this.#nowS) ?? [];
      if (labels.length === 0) return [];
      const crop = own && this.#board.views.crop({ tile, dest }, own, rects, source, this.#nowS);
      const person = own && crop && { trackId: tile.trackId!, headX: own.head.x, crop };
      const rect = around(
        this.#board.views
          .framesOf(tile)
          .flatMap((frame) => rects.get(frame) ?? [])
          .concat(dest),
      );
      return [{ dest, rect, labels, person, shared: shared[index]! }];
    });
    return platesOf(named, this.#options.plates).map((mark) => ({
      ...mark,
      alpha: mark.alpha * shown * PLATE_OPACITY,
    }));
  }

  #sourceRegions(tiles: readonly PlacedView[]): readonly Region[] {
    const source = this.#source;
    if (!source) return [];
    const rects = this.#board.views.rectsOf(tiles);
    const drawn = new Set<Framed>();
    return tiles.flatMap((view) => {
      const frame = this.#board.views.frameAt(view.tile, this.#nowS);
      const rect = frame && rects.get(frame);
      if (!frame || !rect) return this.#tileRegions(view, rects, source);
      // Tiles that show parts of one frame, and nothing else, are drawn at once.
      if (drawn.has(frame)) return [];
      drawn.add(frame);
      return [this.#regionOf(frame.crop(rect, source), rect, source)];
    });
  }

  #tileRegions(view: PlacedView, rects: ReadonlyMap<Framed, Box>, source: Size): readonly Region[] {
    const { tile, dest } = view;
    const layers = this.#sceneNow() === 1 ? [] : tile.layers.filter(({ trackId }) => this.#board.shots.of(trackId));
    if (layers.length === 0) return [this.#regionOf(this.#scenePart(dest, source), dest, source)];
    return layers.flatMap(({ trackId, alpha }, index): readonly Region[] => {
      const opacity = index === 0 ? 1 : unit(alpha.at(this.#nowS));
      if (opacity === 0) return [];
      const crop = this.#board.views.crop(view, this.#board.shots.of(trackId)!, rects, source, this.#nowS);
      return [withMore(this.#regionOf(crop, dest, source), { alpha: opacity, trackId })];
    });
  }

  /** A rectangle of the picture that shows this part of the source, or so much of the scene as is shown now. */
  #regionOf(crop: Box, dest: Box, source: Size): Region {
    return {
      content: 'source',
      crop: zoomBetween(crop, this.#scenePart(dest, source), this.#sceneNow()),
      dest,
      alpha: 1,
    };
  }

  /** What lies at `dest` where the whole picture shows the scene. */
  #scenePart(dest: Box, source: Size): Box {
    const frame = this.#frameOf(source);
    const part = partOf(coverCrop(frame, source), dest, frame);
    // A tile that slides over the edge shows what is inside.
    return {
      ...part,
      x: Math.min(Math.max(0, part.x), source.width - part.width),
      y: Math.min(Math.max(0, part.y), source.height - part.height),
    };
  }

  get #transitionS(): number {
    return this.#options.transitionS ?? 0.6;
  }

  /** Of a change of shots, s. */
  get #changeS(): number {
    return this.#options.transition === 'cut' ? 0 : this.#transitionS;
  }

  #sceneNow(): number {
    return unit(this.#scene.at(this.#nowS));
  }
}

/** A glide whose target changes on the way may overshoot a little. */
function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
