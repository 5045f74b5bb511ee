import type { Size } from '../../shared/domain/box.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { NativeAddon } from '../native/types.js';
import { releaseLabels, renderLabels, type Plate } from '../stages/compose/label.adapter.js';
import type { Artwork } from '../stages/compose/native-painter.adapter.js';

/** What {@link LivePlates} draws for. */
export interface LivePlatesOptions {
  /** In system memory. */
  readonly artwork: Artwork;
  /** That of the backend: the same one, or a copy in the memory of the GPU. */
  readonly backendArtwork: Pick<Artwork, 'plates'>;
  /** Size of the composed picture, pixels. */
  readonly output: Size;
  /** Copies pictures to the GPU. */
  readonly addon: Pick<NativeAddon, 'uploadFrame'>;
  /** Told why names could not be drawn. */
  readonly logger: Pick<Logger, 'warn'>;
}

/** Draws name plates anew while a stream runs: the picture has the former ones until the new ones are there. */
export class LivePlates {
  readonly #options: LivePlatesOptions;
  #drawing: Promise<void> = Promise.resolve();

  constructor(options: LivePlatesOptions) {
    this.#options = options;
  }

  /**
   * Shows these names as soon as they are drawn; where that fails the former ones stay.
   *
   * @param labels - from left to right; an empty one shows nothing
   */
  show(labels: readonly string[]): void {
    this.#drawing = this.#drawing
      .then(() => this.#draw(labels))
      .catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'the names could not be drawn; the former ones stay');
      });
  }

  /** Waits for what is being drawn. Idempotent. */
  close(): Promise<void> {
    return this.#drawing;
  }

  async #draw(labels: readonly string[]): Promise<void> {
    const { artwork, backendArtwork, output } = this.#options;
    const plates = await renderLabels(output, labels);
    if (backendArtwork !== artwork) await this.#replaceUploaded(plates);
    const former = artwork.plates;
    artwork.plates = plates;
    // What is being painted with them has references of its own.
    releaseLabels(former);
  }

  async #replaceUploaded(plates: readonly (Plate | undefined)[]): Promise<void> {
    const { backendArtwork, addon } = this.#options;
    const uploaded: (Plate | undefined)[] = [];
    try {
      for (const plate of plates) {
        uploaded.push(plate && { ...plate, handle: await addon.uploadFrame(plate.handle) });
      }
    } catch (error) {
      releaseLabels([...uploaded, ...plates]);
      throw error;
    }
    const former = backendArtwork.plates;
    backendArtwork.plates = uploaded;
    releaseLabels(former);
  }
}
