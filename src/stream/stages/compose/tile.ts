import { Glide } from '../../domain/glide.js';
import type { TrackId } from '../../../shared/domain/track.js';

/** One person's shot in a tile; on top of another while the tile changes over. */
export interface Layer {
  readonly trackId: TrackId;
  readonly alpha: Glide;
}

/**
 * At most so many shots are blended at once; a change that comes on top waits, so that painting
 * costs no more however often slots are swapped.
 */
const MAX_LAYERS = 3;

/** Who is shown in one tile, from the bottom up, with dissolves from one person to the next. */
export class Tile {
  #layers: Layer[] = [];

  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /** Who is shown, or will be once the dissolve is over. */
  get trackId(): TrackId | undefined {
    return this.#layers.findLast(({ alpha }) => alpha.target === 1)?.trackId;
  }

  /** Shows this person at once, as nobody sees the change. */
  cut(trackId: TrackId): void {
    this.#layers = [{ trackId, alpha: new Glide(1) }];
  }

  clear(): void {
    this.#layers = [];
  }

  /** Dissolves to this person in `durationS`. */
  dissolve(trackId: TrackId, nowS: number, durationS: number): void {
    if (this.trackId === trackId) return;
    const known = this.#layers.findIndex((layer) => layer.trackId === trackId);
    if (known >= 0) {
      // On its way out: take the layers off it again.
      for (const { alpha } of this.#layers.slice(known + 1)) alpha.to(0, nowS, durationS);
      if (known > 0) this.#layers[known]!.alpha.to(1, nowS, durationS);
      return;
    }
    if (this.#layers.length >= MAX_LAYERS) return;
    const alpha = new Glide(this.#layers.length === 0 ? 1 : 0);
    alpha.to(1, nowS, durationS);
    this.#layers.push({ trackId, alpha });
  }

  /** People go on under other ids; the picture does not change. */
  relabel(newId: (trackId: TrackId) => TrackId): void {
    this.#layers = this.#layers.map((layer) => ({ ...layer, trackId: newId(layer.trackId) }));
  }

  /** Forgets layers that nobody sees: faded out, or under an opaque one. */
  prune(nowS: number): void {
    const isOver = ({ alpha }: Layer): boolean => alpha.isSettled(nowS);
    const opaque = this.#layers.findLastIndex((layer) => layer.alpha.target === 1 && isOver(layer));
    this.#layers = this.#layers.filter(
      (layer, index) => index >= opaque && !(layer.alpha.target === 0 && isOver(layer)),
    );
  }
}
