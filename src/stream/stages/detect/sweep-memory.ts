import type { Box } from '../../../shared/domain/box.js';
import type { LumaSketch } from '../../../shared/domain/detection.js';
import {
  peopleMask,
  showsNewcomer,
  UNKNOWN_SQUARE,
  UsualNoise,
  type Backdrop,
  type PeopleMask,
  type SmallPicture,
} from './changed-squares.js';

/** A region that has changed is searched so often once more: a face may be missed at first. */
const SEARCHES_AGAIN = 3;

/** Of a region: the picture that it was searched in last, and what is behind people who stood before it then. */
interface Searched {
  readonly sketch: LumaSketch;
  readonly backdrop: Backdrop;
  /** Searches that it still gets. */
  readonly again: number;
}

/**
 * Remembers how the picture was where it was searched for new people: where nothing has changed since, nobody has come.
 * Changes where known people are do not count: they move, and they are searched for anyway. Neither does what they
 * uncover, where it is as before they came.
 */
export class SweepMemory {
  readonly #usual = new UsualNoise();
  readonly #searched = new Map<Box, Searched>();
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
    const before = this.#searched.get(region);
    const again = this.#differs(region) ? SEARCHES_AGAIN : Math.max(0, (before?.again ?? 0) - 1);
    const { picture, mask } = this.#looked;
    this.#searched.set(region, { sketch: picture.sketch, backdrop: seen(picture, mask, before?.backdrop), again });
  }

  /**
   * Whether the region, an object that was given to `search`, has changed since, or was searched too seldom after it
   * had changed.
   */
  hasChanged(region: Box): boolean {
    return (this.#searched.get(region)?.again ?? 0) > 0 || this.#differs(region);
  }

  #differs(region: Box): boolean {
    const before = this.#searched.get(region);
    const looked = this.#looked;
    if (before === undefined || looked?.picture.sketch.luma.length !== before.sketch.luma.length) return true;
    const { picture, mask } = looked;
    return showsNewcomer(picture, before.sketch, region, { mask, usual: this.#usual, backdrop: before.backdrop });
  }
}

/** What is seen of the backdrop now, and of the rest what was seen before. */
function seen({ sketch: { luma } }: SmallPicture, mask: PeopleMask, before: Backdrop | undefined): Backdrop {
  const isOfThisSize = before?.length === luma.length;
  const backdrop = isOfThisSize ? before : new Int16Array(luma.length).fill(UNKNOWN_SQUARE);
  for (let at = 0; at < luma.length; at += 1) if (mask[at] !== 1) backdrop[at] = luma[at]!;
  return backdrop;
}
