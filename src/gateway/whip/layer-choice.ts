/** What a {@link LayerChoice} chooses from, and for what. */
export interface LayerChoiceOptions {
  /** Layers that are sent, smallest first; at least 1. */
  readonly layers: number;
  /** Of the output, pixels. */
  readonly outputWidth: number;
}

/**
 * Which layer of a publisher who sends several sizes (simulcast) a stream takes: the smallest that is at least as wide
 * as its output, else the largest. How wide each is shows once it is decoded, so it begins with the largest and goes down
 * as long as the next one is wide enough, as far as one can tell: each layer is taken to have half the width of
 * the one above.
 */
export class LayerChoice {
  readonly #options: LayerChoiceOptions;
  /** Layers that turned out to be too small. */
  readonly #tooSmall = new Set<number>();
  #layer: number;

  constructor(options: LayerChoiceOptions) {
    this.#options = options;
    this.#layer = options.layers - 1;
  }

  /** From 0, the smallest. */
  get layer(): number {
    return this.#layer;
  }

  /**
   * Takes in how wide the layer is, pixels; more than once is no harm.
   *
   * @returns whether another layer is taken from now on
   */
  measured(width: number): boolean {
    const { layers, outputWidth } = this.#options;
    const before = this.#layer;
    if (width < outputWidth && before < layers - 1) {
      this.#tooSmall.add(before);
      this.#layer = before + 1;
    } else if (width / 2 >= outputWidth && before > 0 && !this.#tooSmall.has(before - 1)) {
      this.#layer = before - 1;
    }
    return this.#layer !== before;
  }
}
