import { Glide } from '../../domain/glide.js';
import type { TrackId } from '../../../shared/domain/track.js';

/** One person's shot in a tile; over another one during a dissolve. */
export interface Layer {
  /** The person. */
  readonly trackId: TrackId;
  /** Opacity, in [0, 1] up to a small overshoot. */
  readonly alpha: Glide;
}

/**
 * At most so many shots are blended at once; a further change waits, so that painting costs no more
 * however often slots are swapped.
 */
const MAX_LAYERS = 3;

/** The people shown in one tile, with dissolves from one to the next. */
export class Tile {
  #layers: Layer[] = [];

  /** Shots from the bottom up. */
  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /** The person shown, or dissolved to; `undefined` in an empty tile. */
  get trackId(): TrackId | undefined {
    return this.#layers.findLast(({ alpha }) => alpha.target === 1)?.trackId;
  }

  /** Shows this person at once. */
  cut(trackId: TrackId): void {
    this.#layers = [{ trackId, alpha: new Glide(1) }];
  }

  /** Shows nobody. */
  clear(): void {
    this.#layers = [];
  }

  /** Dissolves to this person within `durationS` ≥ 0 seconds from `nowS` (s). */
  dissolve(trackId: TrackId, nowS: number, durationS: number): void {
    if (this.trackId === trackId) return;
    const known = this.#layers.findIndex((layer) => layer.trackId === trackId);
    if (known >= 0) {
      // It is fading out: the layers over it fade out instead.
      for (const { alpha } of this.#layers.slice(known + 1)) alpha.to(0, nowS, durationS);
      if (known > 0) this.#layers[known]!.alpha.to(1, nowS, durationS);
      return;
    }
    if (this.#layers.length >= MAX_LAYERS) return;
    const alpha = new Glide(this.#layers.length === 0 ? 1 : 0);
    alpha.to(1, nowS, durationS);
    this.#layers.push({ trackId, alpha });
  }

  /** Replaces ids; the picture does not change. */
  relabel(newId: (trackId: TrackId) => TrackId): void {
    this.#layers = this.#layers.map((layer) => ({ ...layer, trackId: newId(layer.trackId) }));
  }

  /** Removes layers that are not visible at `nowS` (s): faded out, or under an opaque one. */
  prune(nowS: number): void {
    const isOver = ({ alpha }: Layer): boolean => alpha.isSettled(nowS);
    const opaque = this.#layers.findLastIndex((layer) => layer.alpha.target === 1 && isOver(layer));
    this.#layers = this.#layers.filter(
      (layer, index) => index >= opaque && !(layer.alpha.target === 0 && isOver(layer)),
    );
  }
}
