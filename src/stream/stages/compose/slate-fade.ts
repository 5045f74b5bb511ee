import type { Size } from '../../../shared/domain/box.js';
import type { Region } from '../../domain/composition-plan.js';
import { Glide } from '../../domain/glide.js';
import { coverCrop } from './scene-geometry.js';

/** The slate over the picture: not there, there, or on its way. Times in seconds. */
export class SlateFade {
  readonly #alpha = new Glide(0);
  /** Until it has gone for the first time: nothing was lost yet. */
  #isFirst = false;

  /** Whether it is there, or comes. */
  get isWanted(): boolean {
    return this.#alpha.target === 1;
  }

  /** Opacity at `nowS`, in [0, 1]: a fade that is turned round on the way may overshoot a little. */
  at(nowS: number): number {
    return Math.min(1, Math.max(0, this.#alpha.at(nowS)));
  }

  /** Is there at once, because there is no picture yet. */
  begin(): void {
    this.#alpha.snap(1);
    this.#isFirst = true;
  }

  /** Comes within `fadeS` ≥ 0 seconds from `nowS`. */
  show(nowS: number, fadeS: number): void {
    this.#alpha.to(1, nowS, fadeS);
  }

  /** Goes within `fadeS` ≥ 0 seconds from `nowS`. */
  hide(nowS: number, fadeS: number): void {
    this.#alpha.to(0, nowS, fadeS);
  }

  /** What is drawn of it over the whole output. @param slate - size of its picture */
  regions(output: Size, slate: Size, nowS: number): readonly Region[] {
    const alpha = this.at(nowS);
    if (alpha === 0) {
      this.#isFirst = false;
      return [];
    }
    const dest = { x: 0, y: 0, ...output };
    const first = this.#isFirst && { isFirst: true };
    return [{ content: 'slate', crop: coverCrop(dest, slate), dest, alpha, ...first }];
  }
}
