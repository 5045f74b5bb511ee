import type { StreamConfig } from '../../shared/config/schema.js';
import type { FrameHandle } from '../../shared/domain/frame.js';
import type { NativeAddon } from '../native/types.js';
import { videoColour } from '../stages/compose/border-colour.js';
import { releaseLabels, renderLabels, type Plate } from '../stages/compose/label.adapter.js';
import type { Artwork } from '../stages/compose/native-painter.adapter.js';
import { renderSlate } from '../stages/compose/slate.adapter.js';

const CONNECTING = { title: 'Waiting for the camera', subtitle: 'The picture appears as soon as it is there.' };
const RECONNECTING = { title: 'Reconnecting to the camera', subtitle: 'The picture comes back by itself.' };
/** Stands for the slate where there is none. */
const BLANK_SIZE = { width: 16, height: 16 };

type ArtworkConfig = Pick<StreamConfig, 'output' | 'people' | 'slots' | 'framing'>;

/** Texts of the plates that a configuration asks for. */
export const namesOf = ({ people, slots }: Pick<StreamConfig, 'people' | 'slots'>): readonly string[] => [
  ...slots.labels,
  ...people.names,
];

/**
 * Draws what stays the same while a stream lives, in system memory; the caller gives it back with
 * `releaseArtwork`.
 * @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING`.
 */
export async function drawArtwork(config: ArtworkConfig, addon: NativeAddon): Promise<Artwork> {
  const { output, framing } = config;
  const drawn = await Promise.allSettled([renderSlate(output, CONNECTING), renderSlate(output, RECONNECTING)]);
  const made = drawn.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    for (const each of drawn) if (each.status === 'rejected') throw each.reason;
    const [connecting = 0, reconnecting = 0] = made;
    const plates = await renderLabels(output, namesOf(config));
    return {
      ...{ connecting, reconnecting, plates },
      slateSize: { width: output.width, height: output.height },
      get borderColour() {
        return videoColour(framing.borderColour);
      },
      get backgroundColour() {
        return videoColour(framing.backgroundColour);
      },
    };
  } catch (error) {
    for (const handle of made) addon.release(handle);
    throw error;
  }
}

/**
 * The same for a file, which has no slate: its picture is there from the first frame to the last.
 * @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING`.
 */
export async function drawFileArtwork(
  config: ArtworkConfig,
  addon: Pick<NativeAddon, 'createFrame' | 'retain' | 'release'>,
): Promise<Artwork> {
  const { output, framing } = config;
  const blank = addon.createFrame(BLANK_SIZE, 'I420', new Uint8Array(BLANK_SIZE.width * BLANK_SIZE.height * 1.5));
  const plates = await renderLabels(output, namesOf(config)).catch((error: unknown) => {
    addon.release(blank);
    throw error;
  });
  // One frame, two references: each picture of an artwork is released by itself.
  addon.retain(blank);
  return {
    ...{ connecting: blank, reconnecting: blank, plates },
    slateSize: BLANK_SIZE,
    borderColour: videoColour(framing.borderColour),
    backgroundColour: videoColour(framing.backgroundColour),
  };
}

/**
 * Copies artwork to the memory of the GPU, once; the caller releases the copy as well.
 * @throws What the addon throws where the GPU has no memory left, or is lost.
 */
export async function uploadArtwork(artwork: Artwork, addon: NativeAddon): Promise<Artwork> {
  const uploaded: FrameHandle[] = [];
  const upload = async (handle: FrameHandle): Promise<FrameHandle> => {
    const copy = await addon.uploadFrame(handle);
    uploaded.push(copy);
    return copy;
  };
  try {
    const connecting = await upload(artwork.connecting);
    const reconnecting = await upload(artwork.reconnecting);
    const plates = new Map<string, Plate>();
    for (const [name, plate] of artwork.plates) plates.set(name, { ...plate, handle: await upload(plate.handle) });
    return {
      ...{ ...artwork, connecting, reconnecting, plates },
      get borderColour() {
        return artwork.borderColour;
      },
      get backgroundColour() {
        return artwork.backgroundColour;
      },
    };
  } catch (error) {
    for (const handle of uploaded) addon.release(handle);
    throw error;
  }
}

/** Gives back all pictures of an artwork; once. */
export function releaseArtwork(
  { connecting, reconnecting, plates }: Artwork,
  addon: Pick<NativeAddon, 'release'>,
): void {
  addon.release(connecting);
  addon.release(reconnecting);
  releaseLabels(plates);
}
