import { Glide } from '../../domain/glide.js';

/** A label that fades in, is there, or fades out. */
interface FadingLabel {
  readonly label: string;
  readonly alpha: Glide;
}

/** The label of a tile, with fades from one to the next. */
export class LabelFade {
  #labels: FadingLabel[] = [];

  /**
   * Shows this label, or none, from `nowS` (s) on.
   *
   * @param wanted - text of the label
   * @param fadeS - length of the fade, s, ≥ 0; 0 changes at once
   */
  show(wanted: string | undefined, nowS: number, fadeS: number): void {
    this.#labels = this.#labels.filter(({ alpha }) => alpha.target === 1 || !alpha.isSettled(nowS));
    for (const { label, alpha } of this.#labels) {
      const target = label === wanted ? 1 : 0;
      if (alpha.target !== target) alpha.to(target, nowS, fadeS);
    }
    if (wanted === undefined || this.#labels.some(({ label }) => label === wanted)) return;
    const alpha = new Glide(fadeS === 0 ? 1 : 0);
    if (fadeS > 0) alpha.to(1, nowS, fadeS);
    this.#labels.push({ label: wanted, alpha });
  }

  /** The visible labels at `nowS`, s; `alpha` is in (0, 1]. */
  at(nowS: number): readonly { readonly label: string; readonly alpha: number }[] {
    return this.#labels
      .map(({ label, alpha }) => ({ label, alpha: Math.min(1, Math.max(0, alpha.at(nowS))) }))
      .filter(({ alpha }) => alpha > 0);
  }
}
