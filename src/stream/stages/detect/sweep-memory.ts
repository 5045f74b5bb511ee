import type { Box } from '../../../shared/domain/box.js';
import type { LumaSketch } from '../../../shared/domain/detection.js';
import { peopleMask, showsNewcomer, UsualNoise, type PeopleMask, type SmallPicture } from './changed-squares.js';

/** A region that has changed is searched so often once more: a face may be missed at first. */
const SEARCHES_AGAIN = 3;

/**
 * Remembers how the picture was where it was searched for new people: where nothing has changed since, nobody has come.
 * Changes where known people are do not count: they move, and they are searched for anyway.
 */
export class SweepMemory {
  readonly #usual = new UsualNoise();
  readonly #searched = new Map<Box, { readonly sketch: LumaSketch; readonly again: number }>();
  #looked: { readonly picture: SmallPicture; readonly mask: PeopleMask } | undefined;

  /** The picture that is looked at from now on, and the faces that are known in it. */
  look(picture: SmallPicture, people: readonly Box[]): void {
    this.#looked = { picture, mask: peopleMask(picture, people) };
  }

  /** Forgets everything: the picture has another size. */
  clear(): void {
    this.#searched.clear();
  }

  /** The region is searched in the picture that is looked at. */
  search(region: Box): void {
    if (!this.#looked) return;
    const again = this.#differs(region) ? SEARCHES_AGAIN : Math.max(0, (this.#searched.get(region)?.again ?? 0) - 1);
    this.#searched.set(region, { sketch: this.#looked.picture.sketch, again });
  }

  /**
   * Whether the region, an object that was given to `search`, has changed since, or was searched too seldom after it
   * had changed.
   */
  hasChanged(region: Box): boolean {
    return (this.#searched.get(region)?.again ?? 0) > 0 || this.#differs(region);
  }

  #differs(region: Box): boolean {
    const before = this.#searched.get(region)?.sketch;
    const looked = this.#looked;
    if (before === undefined || looked?.picture.sketch.luma.length !== before.luma.length) return true;
    const { picture, mask } = looked;
    return showsNewcomer(picture, before, region, { mask, usual: this.#usual });
  }
}
