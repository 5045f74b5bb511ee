import type { Size } from '../../shared/domain/box.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { NativeAddon } from '../native/types.js';
import { releaseLabels, renderLabels, type Plate, type Plates } from '../stages/compose/label.adapter.js';
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
  #wanted: ReadonlySet<string> = new Set();

  constructor(options: LivePlatesOptions) {
    this.#options = options;
  }

  /**
   * Has the plates of these names as soon as they are drawn; where that fails the former ones stay.
   *
   * @param names - an empty one shows nothing
   */
  show(names: readonly string[]): void {
    this.#drawing = this.#drawing
      .then(() => this.#draw(new Set(names.map((name) => name.trim()))))
      .catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'the names could not be drawn; the former ones stay');
      });
  }

  /** Waits for what is being drawn. Idempotent. */
  close(): Promise<void> {
    return this.#drawing;
  }

  /** Plates that were wanted before stay until the next change: they may be fading out. */
  async #draw(names: ReadonlySet<string>): Promise<void> {
    const { artwork, backendArtwork, output } = this.#options;
    const former = new Set(artwork.plates.keys());
    const drawn = await renderLabels(
      output,
      [...names].filter((name) => !former.has(name)),
    );
    const isKept = (name: string): boolean => names.has(name) || this.#wanted.has(name);
    if (backendArtwork !== artwork) await this.#replaceUploaded(drawn, isKept);
    replacePlates(artwork, drawn, isKept);
    this.#wanted = names;
  }

  async #replaceUploaded(drawn: Plates, isKept: (name: string) => boolean): Promise<void> {
    const { backendArtwork, addon } = this.#options;
    const uploaded = new Map<string, Plate>();
    try {
      for (const [name, plate] of drawn)
        uploaded.set(name, { ...plate, handle: await addon.uploadFrame(plate.handle) });
    } catch (error) {
      releaseLabels(uploaded);
      releaseLabels(drawn);
      throw error;
    }
    replacePlates(backendArtwork, uploaded, isKept);
  }
}

/** What is being painted with plates that go has references of its own. */
function replacePlates(artwork: Pick<Artwork, 'plates'>, added: Plates, isKept: (name: string) => boolean): void {
  const former = [...artwork.plates];
  artwork.plates = new Map([...former.filter(([name]) => isKept(name)), ...added]);
  releaseLabels(new Map(former.filter(([name]) => !isKept(name))));
}
