import type { Size } from '#domain/box.js';
import type { FrameHandle } from '#domain/frame.js';
import type { NativeAddon } from '#native/types.js';
import type { Painter, PlannedFrame } from './paint.operator.js';

export interface Slates {
  /** Stands before the first frame of the source. */
  readonly connecting: FrameHandle;
  /** Stands when the source was there and is gone. */
  readonly reconnecting: FrameHandle;
}

/** Paints plans with the addon, on its compose threads. */
export class NativePainter implements Painter {
  readonly #addon: NativeAddon;
  readonly #output: Size;
  readonly #slates: Slates;

  constructor(addon: NativeAddon, output: Size, slates: Slates) {
    this.#addon = addon;
    this.#output = output;
    this.#slates = slates;
  }

  paint({ plan, source }: PlannedFrame): Promise<FrameHandle> {
    const slate = source === undefined ? this.#slates.connecting : this.#slates.reconnecting;
    const regions = plan.regions.flatMap(({ content, crop, dest, alpha }) => {
      const frame = content === 'slate' ? slate : source;
      return frame === undefined ? [] : [{ frame, crop, dest, alpha }];
    });
    return this.#addon.compose(this.#output, regions);
  }

  retain(picture: FrameHandle): void {
    this.#addon.retain(picture);
  }

  release(picture: FrameHandle): void {
    this.#addon.release(picture);
  }
}
