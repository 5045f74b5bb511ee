import type { Size } from '../../../shared/domain/box.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { Mark, Region } from '../../domain/composition-plan.js';
import type { ComposeRegion, FillRegion, NativeAddon } from '../../native/types.js';
import type { VideoColour } from './border-colour.js';
import type { Plate } from './label.adapter.js';
import type { Painter, PlannedFrame } from './paint.operator.js';

/** Pictures that stay the same while a stream lives; whoever made them releases them. */
export interface Artwork {
  /** Stands before the first frame of the source. */
  readonly connecting: FrameHandle;
  /** Stands when the source was there and is gone. */
  readonly reconnecting: FrameHandle;
  /** Name plates, from left to right; none where a place has no name. */
  readonly plates: readonly (Plate | undefined)[];
  readonly borderColour: VideoColour;
}

export interface NativePainterOptions {
  readonly addon: Pick<NativeAddon, 'retain' | 'release'>;
  /** `compose` of the addon, or `composeOnGpu` with the memory that the pictures shall lie in. */
  readonly compose: (output: Size, regions: readonly (ComposeRegion | FillRegion)[]) => Promise<FrameHandle>;
  readonly output: Size;
  readonly artwork: Artwork;
}

/** Paints plans with the addon, on its compose threads or on the GPU. */
export class NativePainter implements Painter {
  readonly #options: NativePainterOptions;

  constructor(options: NativePainterOptions) {
    this.#options = options;
  }

  paint({ plan, source }: PlannedFrame): Promise<FrameHandle> {
    const { compose, output, artwork } = this.#options;
    const slate = source === undefined ? artwork.connecting : artwork.reconnecting;
    const pictures = (content: Region['content'], frame: FrameHandle | undefined): readonly ComposeRegion[] =>
      frame === undefined
        ? []
        : plan.regions
            .filter((region) => region.content === content)
            .map(({ crop, dest, alpha }) => ({ frame, crop, dest, alpha }));
    return compose(output, [
      ...pictures('source', source),
      ...plan.marks.flatMap((mark) => this.#mark(mark)),
      ...pictures('slate', slate),
    ]);
  }

  retain(picture: FrameHandle): void {
    this.#options.addon.retain(picture);
  }

  release(picture: FrameHandle): void {
    this.#options.addon.release(picture);
  }

  #mark(mark: Mark): readonly (ComposeRegion | FillRegion)[] {
    const { dest, alpha } = mark;
    const { borderColour, plates } = this.#options.artwork;
    if (mark.type === 'line') return [{ colour: borderColour, dest, alpha }];
    const plate = plates[mark.label];
    return plate ? [{ frame: plate.handle, crop: plate.crop, dest, alpha }] : [];
  }
}
