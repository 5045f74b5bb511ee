import type { Box, Size } from '#domain/box.js';
import { Glide } from '#domain/glide.js';
import type { CompositionPlan, LayoutName, Region, SourceCondition } from '#domain/layout.js';
import type { SlotAssignment, Track, TrackId } from '#domain/track.js';
import { headOf } from './head.js';
import { coverCrop, roundToEven, sceneShare, shrinkTo, zoomBetween } from './scene-geometry.js';
import { ShotFramer, type ShotOptions } from './shot-framer.js';
import { Tile } from './tile.js';

export interface LayoutPlannerOptions extends ShotOptions {
  /** Size of the composed picture: even numbers. */
  readonly output: Size;
  /** How long the last picture stands when the source stalls, s, before the slate. @defaultValue 1.5 */
  readonly holdS?: number;
  /** Length of a change of layout, s; 0 cuts. @defaultValue 0.6 */
  readonly transitionS?: number;
}

export interface LayoutInput {
  /** PTS of the output frame; one that does not increase plans the same moment again. */
  readonly ptsMs: number;
  /** Size of the source picture; absent before the first one. */
  readonly source: Size | undefined;
  /** The same array again, as with a frame that is repeated, is nothing new. */
  readonly tracks: readonly Track[];
  /** Who fills the left (0) and the right (1) tile; empty slots decide the layout. */
  readonly slots: SlotAssignment;
  readonly condition: SourceCondition;
  /** Size of the slate picture. */
  readonly slate: Size;
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

/** Whom the left and the right tile shall show. */
type Wanted = readonly [left: TrackId | undefined, right: TrackId | undefined];

/**
 * Decides what every output frame looks like: two tiles, one person on the whole picture, the
 * whole scene, or a slate, and the way from one to the next without a jump.
 *
 * Two tiles meet at a divider. One person is a divider at the output's edge: their tile widens to
 * the whole picture as the other slides out. The scene is the shots zoomed out until they show all
 * of the picture. Who is in a tile changes by a dissolve. Each of these is one number that glides
 * (`Glide`) and may be sent elsewhere on the way; crops follow from them for every frame, so their
 * aspect is always that of their tile. Pure: PTS in, plan out.
 */
export class LayoutPlanner {
  readonly #output: Size;
  readonly #holdS: number;
  readonly #transitionS: number;
  readonly #shotOptions: ShotOptions;
  #tiles: readonly [left: Tile, right: Tile] = [new Tile(), new Tile()];
  readonly #framers = new Map<TrackId, ShotFramer>();
  /** Where the tiles meet, fraction of the width. */
  readonly #divider = new Glide(1);
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
    this.#shotOptions = options;
  }

  plan(input: LayoutInput): CompositionPlan {
    this.#nowS = Math.max(this.#nowS, input.ptsMs / 1000);
    this.#watchSource(input);
    // While nothing comes, what is known of the people is old: the picture stands.
    if (input.source && input.condition === 'live') this.#direct(input.slots, input.tracks);
    return {
      ptsMs: input.ptsMs,
      layout: this.#slate.target === 1 ? 'slate' : this.#layout,
      regions: [...this.#sourceRegions(), ...this.#slateRegions(input.slate)],
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
    const wanted: Wanted = [slots[0], slots[1]];
    for (const tile of this.#tiles) tile.prune(this.#nowS);
    this.#turnRound(wanted);
    this.#tiles.forEach((tile, index) => this.#fill(tile, index, wanted[index], tracks));
    this.#chooseLayout(wanted);
    this.#forgetHidden(wanted);
    this.#moveShots(tracks);
    this.#isUnseen = false;
  }

  /** Behind the slate, or with a source of another size, nothing has to be led over. */
  #startAfresh(): void {
    for (const tile of this.#tiles) tile.clear();
    this.#framers.clear();
    this.#scene.snap(1);
    this.#divider.snap(1);
  }

  /**
   * A tile that covers the whole picture is neither left nor right. When the person it shows, or the
   * only one it is to show, belongs to the other side, the tiles are exchanged unseen.
   */
  #turnRound(wanted: Wanted): void {
    const divider = this.#dividerNow();
    if (divider > 0 && divider < 1) return;
    const [shown, hidden] = divider === 1 ? ([0, 1] as const) : ([1, 0] as const);
    if (wanted[hidden] === undefined) return;
    const isPersonThere = this.#tiles[shown].trackId === wanted[hidden];
    if (!isPersonThere && wanted[shown] !== undefined) return;
    this.#tiles = [this.#tiles[1], this.#tiles[0]];
    this.#divider.snap(1 - divider);
  }

  #fill(tile: Tile, index: number, trackId: TrackId | undefined, tracks: readonly Track[]): void {
    if (trackId === undefined || tile.trackId === trackId) return;
    if (this.#takeOver(tile, trackId, tracks)) return;
    const isTileSeen = index === 0 ? this.#dividerNow() > 0 : this.#dividerNow() < 1;
    const isShotSeen = isTileSeen && this.#sceneNow() < 1 && tile.layers.length > 0;
    if (isShotSeen) tile.dissolve(trackId, this.#nowS, this.#transitionS * DISSOLVE_SHARE);
    else tile.cut(trackId);
  }

  /** A person found again under a new id where they were lost: the shot goes on. */
  #takeOver(tile: Tile, trackId: TrackId, tracks: readonly Track[]): boolean {
    const oldId = tile.trackId;
    const framer = oldId === undefined ? undefined : this.#framers.get(oldId);
    const track = tracks.find(({ id }) => id === trackId);
    if (oldId === undefined || !framer || !track || this.#framers.has(trackId)) return false;
    const isStillThere = tracks.some(({ id, state }) => id === oldId && state === 'tracked');
    if (isStillThere || !framer.isNear(headOf(track.box, track.kind))) return false;
    for (const each of this.#tiles) each.rename(oldId, trackId);
    this.#framers.delete(oldId);
    this.#framers.set(trackId, framer);
    return true;
  }

  #chooseLayout(wanted: Wanted): void {
    const [left, right] = wanted.map((trackId) => trackId !== undefined);
    const layout = left && right ? 'dual' : left || right ? 'single' : 'scene';
    const slowness =
      layout === 'scene' ? TO_SCENE_SLOWNESS : this.#layout === 'scene' ? FROM_SCENE_SLOWNESS : 1;
    const durationS = this.#isUnseen ? 0 : this.#transitionS * slowness;
    this.#layout = layout;

    const edge = layout === 'single' ? (left ? 1 : 0) : Math.round(this.#divider.target);
    const divider = layout === 'dual' ? 0.5 : edge;
    const scene = layout === 'scene' ? 1 : 0;
    if (divider !== this.#divider.target) this.#divider.to(divider, this.#nowS, durationS);
    if (scene !== this.#scene.target) this.#scene.to(scene, this.#nowS, durationS);
  }

  /** Who is out of sight and not wanted starts with a fresh shot when they come back. */
  #forgetHidden(wanted: Wanted): void {
    const isScene = this.#sceneNow() === 1;
    this.#tiles.forEach((tile, index) => {
      const isHidden = isScene || this.#dividerNow() === (index === 0 ? 0 : 1);
      if (isHidden && wanted[index] === undefined) tile.clear();
    });
    const shown = new Set(this.#tiles.flatMap(({ layers }) => layers.map(({ trackId }) => trackId)));
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
    for (const { trackId } of this.#tiles.flatMap(({ layers }) => layers)) {
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

  #sourceRegions(): readonly Region[] {
    const source = this.#source;
    if (!source || this.#slateNow() === 1) return [];
    const { width, height } = this.#output;
    const middle = roundToEven(width / 2);
    const edge = roundToEven(width * this.#dividerNow());
    // A tile on its way out keeps its width and slides.
    const leftWidth = Math.max(edge, middle);
    const rightWidth = Math.max(width - edge, width - middle);
    const [left, right] = this.#tiles;
    return [
      ...(edge > 0 ? this.#tileRegions(left, { x: edge - leftWidth, y: 0, width: leftWidth, height }, source) : []),
      ...(edge < width ? this.#tileRegions(right, { x: edge, y: 0, width: rightWidth, height }, source) : []),
    ];
  }

  #tileRegions(tile: Tile, place: Box, source: Size): readonly Region[] {
    const amount = this.#sceneNow();
    const dest = shrinkTo(place, sceneShare(this.#output, source), amount);
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

  #dividerNow(): number {
    return unit(this.#divider.at(this.#nowS));
  }

  #sceneNow(): number {
    return unit(this.#scene.at(this.#nowS));
  }

  #slateNow(): number {
    return unit(this.#slate.at(this.#nowS));
  }
}

/** A glide that turns round may overshoot a little. */
function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
