import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { NativeAddon } from '../../native/types.js';

/** More than this are not kept; the oldest go first. */
const MAX_PENDING = 15;

/** Pictures that wait while another encoder starts. */
export class PendingPictures {
  readonly #frames: Pick<NativeAddon, 'retain' | 'release'>;
  #pending: { readonly picture: FrameHandle; readonly ptsMs: number }[] = [];

  /** None wait at first. */
  constructor(frames: Pick<NativeAddon, 'retain' | 'release'>) {
    this.#frames = frames;
  }

  /** Keeps a picture, with a reference of its own. */
  keep(picture: FrameHandle, ptsMs: number): void {
    this.#frames.retain(picture);
    this.#pending.push({ picture, ptsMs });
    const oldest = this.#pending.length > MAX_PENDING ? this.#pending.shift() : undefined;
    if (oldest !== undefined) this.#frames.release(oldest.picture);
  }

  /** Gives back all that wait, each after `use`, the oldest first. */
  take(use: (picture: FrameHandle, ptsMs: number) => void): void {
    for (const { picture, ptsMs } of this.#pending.splice(0)) {
      use(picture, ptsMs);
      this.#frames.release(picture);
    }
  }
}
