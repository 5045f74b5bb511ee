import type { Size } from '../../../shared/domain/box.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { Mark, Region } from '../../domain/composition-plan.js';
import type { ComposeRegion, FillRegion, NativeAddon } from '../../native/types.js';
import type { VideoColour } from './border-colour.js';
import type { Plates } from './label.adapter.js';
import type { Painter, PlannedFrame } from './paint.operator.js';

/** Pictures beside those of the source; whoever made them releases them. Read anew for each picture. */
export interface Artwork {
  /** The slate before the first frame of the source, and while it gives way to it. */
  readonly connecting: FrameHandle;
  /** The slate when the source is lost. */
  readonly reconnecting: FrameHandle;
  /** Name plates by their text. Others may take their place. */
  plates: Plates;
  /** Of `connecting` and `reconnecting`, pixels. */
  readonly slateSize: Size;
  /** Of the line between tiles. */
  readonly borderColour: VideoColour;
  /** Of what lies between, around and at the corners of tiles. */
  readonly backgroundColour: VideoColour;
}

/** What a painter works with. */
export interface NativePainterOptions {
  /** Counts the references to pictures. */
  readonly addon: Pick<NativeAddon, 'retain' | 'release'>;
  /** `compose` of the addon, or `composeOnGpu` with the memory for the pictures; the caller owns one reference. */
  readonly compose: (output: Size, regions: readonly (ComposeRegion | FillRegion)[]) => Promise<FrameHandle>;
  /** Size of the composed picture, pixels. */
  readonly output: Size;
  /** Slates, name plates and colours. */
  readonly artwork: Artwork;
}

const BLACK: VideoColour = [16, 128, 128];

/** Paints plans with the addon, on its compose threads or on the GPU. */
export class NativePainter implements Painter {
  readonly #options: NativePainterOptions;

  constructor(options: NativePainterOptions) {
    this.#options = options;
  }

  /** As {@link Painter.paint}: slates are over marks, marks over the source. */
  paint({ plan, source }: PlannedFrame): Promise<FrameHandle> {
    const { compose, output, artwork } = this.#options;
    const isFirst = source === undefined || plan.regions.some((region) => region.isFirst === true);
    const slate = isFirst ? artwork.connecting : artwork.reconnecting;
    const pictures = (content: Region['content'], frame: FrameHandle | undefined): readonly ComposeRegion[] =>
      frame === undefined
        ? []
        : plan.regions
            .filter((region) => region.content === content)
            .map(({ crop, dest, alpha }) => ({ frame, crop, dest, alpha }));
    return compose(output, [
      ...this.#background(),
      ...pictures('source', source),
      ...plan.marks.flatMap((mark) => this.#mark(mark)),
      ...pictures('slate', slate),
    ]);
  }

  /** As {@link Painter.retain}. */
  retain(picture: FrameHandle): void {
    this.#options.addon.retain(picture);
  }

  /** As {@link Painter.release}. */
  release(picture: FrameHandle): void {
    this.#options.addon.release(picture);
  }

  /** What is under everything; black is there already. */
  #background(): readonly FillRegion[] {
    const { output, artwork } = this.#options;
    const colour = artwork.backgroundColour;
    const isBlack = colour.every((part, index) => part === BLACK[index]);
    return isBlack ? [] : [{ colour, dest: { x: 0, y: 0, ...output }, alpha: 1 }];
  }

  #mark(mark: Mark): readonly (ComposeRegion | FillRegion)[] {
    const { dest, alpha } = mark;
    const { borderColour, backgroundColour, plates } = this.#options.artwork;
    if (mark.type === 'line') return [{ colour: borderColour, dest, alpha }];
    if (mark.type === 'background') return [{ colour: backgroundColour, dest, alpha }];
    if (mark.type === 'corners') return [{ colour: backgroundColour, radii: mark.radii, dest, alpha }];
    const plate = plates.get(mark.label);
    return plate ? [{ frame: plate.handle, crop: plate.crop, dest, alpha }] : [];
  }
}
