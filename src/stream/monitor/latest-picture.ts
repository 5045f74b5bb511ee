import { DiptychError } from '../../shared/domain/errors.js';
import type { FrameHandle } from '../../shared/domain/frame.js';
import type { NativeAddon } from '../native/types.js';

/** JPEG quality of a snapshot, 1 to 100. */
const QUALITY = 88;

/** Keeps the latest composed picture of a stream, for snapshots. */
export class LatestPicture {
  readonly #addon: Pick<NativeAddon, 'release' | 'encodeJpeg'>;
  #picture: FrameHandle | undefined;

  constructor(addon: Pick<NativeAddon, 'release' | 'encodeJpeg'>) {
    this.#addon = addon;
  }

  /** Takes over one reference to a picture, and releases the one before. */
  replace(picture: FrameHandle): void {
    this.close();
    this.#picture = picture;
  }

  /**
   * The picture as JPEG.
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` before the first picture.
   */
  async encode(): Promise<Uint8Array> {
    if (this.#picture === undefined) {
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', 'there is no picture yet; ask again in a second');
    }
    return this.#addon.encodeJpeg(this.#picture, QUALITY);
  }

  /** Releases the picture. Idempotent. */
  close(): void {
    if (this.#picture !== undefined) this.#addon.release(this.#picture);
    this.#picture = undefined;
  }
}
