import { intersectionArea, type Box, type Size } from '../../../shared/domain/box.js';
import { Glide } from '../../domain/glide.js';
import type { LayoutName } from '../../../shared/domain/layout.js';
import type { CompositionPlan, Mark, Region, SourceCondition } from '../../domain/composition-plan.js';
import type { SlotAssignment, Track, TrackId } from '../../../shared/domain/track.js';
import { cellBox } from './arrangement.js';
import { headOf } from './head.js';
import { LabelFade } from './label-fade.js';
import { linesBetween, plateBox, PLATE_OPACITY } from './marks.js';
import { coverCrop, sceneShare, shrinkTo, zoomBetween } from './scene-geometry.js';
import { ShotFramer, type ShotOptions } from './shot-framer.js';
import { TileBoard } from './tile-board.js';
import type { Tile } from './tile.js';

export interface LayoutPlannerOptions extends ShotOptions {
  /** Size of the composed picture: even numbers. */
  readonly output: Size;
  /** How long the last picture stands when the source stalls, s, before the slate. @defaultValue 1.5 */
  readonly holdS?: number;
  /** Length of a change of layout, s; 0 cuts. @defaultValue 0.6 */
  readonly transitionS?: number;
  /** Width of the line between tiles, pixels, even. @defaultValue 0 */
  readonly borderPx?: number;
  /** Sizes of the name plates, from left to right; none where a place has no name. */
  readonly plates?: readonly (Size | undefined)[];
}

export interface LayoutInput {
  /** PTS of the output frame; one that does not increase plans the same moment again. */
  readonly ptsMs: number;
  /** Size of the source picture; absent before the first one. */
  readonly source: Size | undefined;
  /** The same array again, as with a frame that is repeated, is nothing new. */
  readonly tracks: readonly Track[];
  /** Who fills the tiles, from left to right, four at most; how many do decides the layout. */
  readonly slots: SlotAssignment;
  readonly condition: SourceCondition;
  /** Size of the slate picture. */
  readonly slate: Size;
}

interface VisibleTile {
  readonly tile: Tile;
  /** Output pixels; may be cut by the output's edge. */
  readonly dest: Box;
}

/** A lost person's prediction is followed for this long, s; later it is a guess that drifts off. */
const FOLLOW_LOST_S = 0.3;
/** Without anything new, people are taken to walk on for this long, s. */
const FORESEE_S = 0.1;
/** Zooming out to the scene, and back in, take this many times `transitionS`. */
const TO_SCENE_SLOWNESS = 3;
const FROM_SCENE_SLOWNESS = 2;
/** A tile that changes from one person to another does so in this share of `transitionS`. */
const DISSOLVE_SHARE = 0.5;

/**
 * Decides what every output frame looks like: two tiles, one person on the whole picture, a grid of
 * up to four, the whole scene, or a slate, and the way from one to the next without a jump.
 *
 * Every tile has a rectangle that glides to where the arrangement of so many people has it; who
 * comes and goes slides in and out over the edge (`TileBoard`). The scene is the shots zoomed out
 * until they show all of the picture. Who is in a tile changes by a dissolve. Each of these is a
 * number that glides (`Glide`) and may be sent elsewhere on the way; crops follow from them for
 * every frame, so their aspect is always that of their tile. Pure: PTS in, plan out.
 */
export class LayoutPlanner {
  readonly #output: Size;
  readonly #holdS: number;
  readonly #transitionS: number;
  readonly #shotOptions: ShotOptions;
  readonly #borderPx: number;
  readonly #plates: readonly (Size | undefined)[];
  readonly #board = new TileBoard();
  readonly #labels = new WeakMap<Tile, LabelFade>();
  readonly #framers = new Map<TrackId, ShotFramer>();
  /** 0 the shots … 1 the scene. */
  readonly #scene = new Glide(1);
  readonly #slate = new Glide(0);
  /** The layout without regard to the slate. */
  #layout: Exclude<LayoutName, 'slate'> = 'scene';
  #source: Size | undefined;
  #nowS = Number.NEGATIVE_INFINITY;
  /** When the shots were last moved. */
  #movedS = 0;
  #tracks: readonly Track[] | undefined;
  /** When `#tracks` came. */
  #tracksS = 0;
  #stalledSinceS: number | undefined;
  /** Nobody has seen the layout yet (the beginning, behind the slate): changes are cuts. */
  #isUnseen = true;

  constructor(options: LayoutPlannerOptions) {
    this.#output = options.output;
    this.#holdS = options.holdS ?? 1.5;
    this.#transitionS = options.transitionS ?? 0.6;
    this.#borderPx = options.borderPx ?? 0;
    this.#plates = options.plates ?? [];
    this.#shotOptions = options;
  }

  plan(input: LayoutInput): CompositionPlan {
    this.#nowS = Math.max(this.#nowS, input.ptsMs / 1000);
    this.#watchSource(input);
    // While nothing comes, what is known of the people is old: the picture stands.
    if (input.source && input.condition === 'live') this.#direct(input.slots, input.tracks);
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
    const isOver = this.#nowS - this.#stalledSinceS >= this.#holdS;
    if (!this.#source) this.#slate.snap(1);
    else if (isOver && this.#slate.target === 0) this.#slate.to(1, this.#nowS, this.#transitionS);
  }

  #direct(slots: SlotAssignment, tracks: readonly Track[]): void {
    if (this.#isUnseen) this.#startAfresh();
    const wanted = slots.filter((trackId) => trackId !== undefined);
    if (tracks !== this.#tracks) this.#noteMistaken(tracks);
    for (const trackId of wanted) this.#takeOver(trackId, wanted, tracks);
    const durationS = this.#changeLayout(layoutOf(wanted.length));
    this.#board.show(wanted, {
      nowS: this.#nowS,
      moveS: durationS,
      dissolveS: this.#transitionS * DISSOLVE_SHARE,
      areShotsSeen: this.#sceneNow() < 1,
    });
    this.#forgetHidden();
    this.#moveShots(tracks);
    this.#nameTiles(slots);
    this.#isUnseen = false;
  }

  /** Behind the slate, or with a source of another size, nothing has to be led over. */
  #startAfresh(): void {
    this.#board.reset();
    this.#framers.clear();
    this.#scene.snap(1);
  }

  /** A person found again under a new id where they were lost: the shot goes on. */
  #takeOver(trackId: TrackId, wanted: readonly TrackId[], tracks: readonly Track[]): void {
    const track = tracks.find(({ id }) => id === trackId);
    if (!track || this.#framers.has(trackId)) return;
    const head = headOf(track.box, track.kind);
    const oldId = this.#board.trackIds.find((id) => {
      const isStillThere = tracks.some((other) => other.id === id && other.state === 'tracked');
      return !isStillThere && !wanted.includes(id) && this.#framers.get(id)?.isNear(head) === true;
    });
    const framer = oldId === undefined ? undefined : this.#framers.get(oldId);
    if (oldId === undefined || !framer) return;
    this.#board.exchange(oldId, trackId);
    this.#framers.delete(oldId);
    this.#framers.set(trackId, framer);
  }

  /** Two people who are suddenly where the other one was were taken for each other: shots stay where they are. */
  #noteMistaken(tracks: readonly Track[]): void {
    const shown = tracks.flatMap((track) => {
      const framer = track.state === 'tracked' ? this.#framers.get(track.id) : undefined;
      return framer ? [{ id: track.id, framer, head: headOf(track.box, track.kind) }] : [];
    });
    shown.forEach((a, index) => {
      for (const b of shown.slice(index + 1)) {
        const isApart = !a.framer.isNear(a.head) && !b.framer.isNear(b.head);
        if (!isApart || !a.framer.isNear(b.head) || !b.framer.isNear(a.head)) continue;
        this.#board.exchange(a.id, b.id);
        this.#framers.set(a.id, b.framer);
        this.#framers.set(b.id, a.framer);
      }
    });
  }

  /** Gives the time, s, that the way to this layout takes. */
  #changeLayout(layout: Exclude<LayoutName, 'slate'>): number {
    const slowness = layout === 'scene' ? TO_SCENE_SLOWNESS : this.#layout === 'scene' ? FROM_SCENE_SLOWNESS : 1;
    const durationS = this.#isUnseen ? 0 : this.#transitionS * slowness;
    this.#layout = layout;
    const scene = layout === 'scene' ? 1 : 0;
    if (scene !== this.#scene.target) this.#scene.to(scene, this.#nowS, durationS);
    return durationS;
  }

  /** Who is out of sight and not wanted starts with a fresh shot when they come back. */
  #forgetHidden(): void {
    const shown = new Set(this.#board.tiles.flatMap(({ layers }) => layers.map(({ trackId }) => trackId)));
    for (const trackId of this.#framers.keys()) {
      if (!shown.has(trackId)) this.#framers.delete(trackId);
    }
  }

  #moveShots(tracks: readonly Track[]): void {
    const sinceS = this.#nowS - this.#movedS;
    this.#movedS = this.#nowS;
    const isNew = tracks !== this.#tracks;
    if (isNew) this.#tracksS = this.#nowS;
    this.#tracks = tracks;
    for (const { trackId } of this.#board.tiles.flatMap(({ layers }) => layers)) {
      const track = tracks.find(({ id }) => id === trackId);
      if (track && !this.#framers.has(trackId)) {
        this.#framers.set(trackId, new ShotFramer(headOf(track.box, track.kind), this.#shotOptions));
      }
    }
    for (const [trackId, framer] of this.#framers) {
      const track = tracks.find(({ id }) => id === trackId);
      const isLost = !track || this.#nowS - track.seenPtsMs / 1000 > FOLLOW_LOST_S;
      if (isNew) framer.update(sinceS, isLost ? undefined : headOf(track.box, track.kind));
      else framer.update(sinceS, this.#nowS - this.#tracksS > FORESEE_S ? undefined : 'unchanged');
    }
  }

  /** A tile carries the name of the place that its person has. */
  #nameTiles(slots: SlotAssignment): void {
    if (this.#plates.length === 0) return;
    for (const tile of this.#board.tiles) {
      const slot = tile.trackId === undefined ? -1 : slots.indexOf(tile.trackId);
      const label = this.#plates[slot] === undefined ? undefined : slot;
      const fade = this.#labels.get(tile) ?? new LabelFade();
      this.#labels.set(tile, fade);
      fade.show(label, this.#nowS, this.#isUnseen ? 0 : this.#transitionS * DISSOLVE_SHARE);
    }
  }

  /** The tiles that can be seen, from the bottom up, and where they are. */
  #visibleTiles(): readonly VisibleTile[] {
    const source = this.#source;
    if (!source || this.#slateNow() === 1) return [];
    const frame = this.#frameOf(source);
    return this.#board
      .at(this.#nowS)
      .map(({ tile, cell }) => ({ tile, dest: cellBox(cell, frame) }))
      .filter(({ dest }) => intersectionArea(dest, frame) > 0);
  }

  /** The tiles lie in what the scene leaves of the output, so they meet all the way to it. */
  #frameOf(source: Size): Box {
    return shrinkTo({ x: 0, y: 0, ...this.#output }, sceneShare(this.#output, source), this.#sceneNow());
  }

  #marks(tiles: readonly VisibleTile[]): readonly Mark[] {
    // In the scene the tiles are one picture, and nobody has a place.
    const shown = 1 - this.#sceneNow();
    if (!this.#source || shown === 0) return [];
    const boxes = tiles.map(({ dest }) => dest);
    return [
      ...linesBetween(boxes, this.#frameOf(this.#source), this.#borderPx, shown),
      ...tiles.flatMap(({ tile, dest }) =>
        (this.#labels.get(tile)?.at(this.#nowS) ?? []).flatMap(({ label, alpha }): readonly Mark[] => {
          const plate = this.#plates[label];
          return plate
            ? [{ type: 'label', label, dest: plateBox(plate, dest), alpha: alpha * shown * PLATE_OPACITY }]
            : [];
        }),
      ),
    ];
  }

  #sourceRegions(tiles: readonly VisibleTile[]): readonly Region[] {
    const source = this.#source;
    return source ? tiles.flatMap(({ tile, dest }) => this.#tileRegions(tile, dest, source)) : [];
  }

  #tileRegions(tile: Tile, dest: Box, source: Size): readonly Region[] {
    const amount = this.#sceneNow();
    const whole = coverCrop(dest, source);
    const shots = amount === 1 ? [] : tile.layers.filter(({ trackId }) => this.#framers.has(trackId));
    if (shots.length === 0) return [{ content: 'source', crop: whole, dest, alpha: 1 }];
    return shots.flatMap(({ trackId, alpha }, index): readonly Region[] => {
      const opacity = index === 0 ? 1 : unit(alpha.at(this.#nowS));
      if (opacity === 0) return [];
      const shot = this.#framers.get(trackId)!.crop(dest, source);
      return [{ content: 'source', crop: zoomBetween(shot, whole, amount), dest, alpha: opacity, trackId }];
    });
  }

  #slateRegions(slate: Size): readonly Region[] {
    const alpha = this.#slateNow();
    if (alpha === 0) return [];
    const dest = { x: 0, y: 0, ...this.#output };
    return [{ content: 'slate', crop: coverCrop(dest, slate), dest, alpha }];
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

/** A glide that turns round may overshoot a little. */
function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
