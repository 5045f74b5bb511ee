import type { StreamConfig } from '../../shared/config/schema.js';
import type { FrameHandle } from '../../shared/domain/frame.js';
import type { NativeAddon } from '../native/types.js';
import { videoColour } from '../stages/compose/border-colour.js';
import { releaseLabels, renderLabels, type Plate } from '../stages/compose/label.adapter.js';
import type { Artwork } from '../stages/compose/native-painter.adapter.js';
import { renderSlate } from '../stages/compose/slate.adapter.js';

const CONNECTING = { title: 'Connecting to the camera', subtitle: 'The picture appears as soon as it is there.' };
const RECONNECTING = { title: 'Reconnecting to the camera', subtitle: 'The picture comes back by itself.' };

type ArtworkConfig = Pick<StreamConfig, 'output' | 'slots' | 'framing'>;

/** What is drawn once for a stream, in system memory; given back with `releaseArtwork`. */
export async function drawArtwork({ output, slots, framing }: ArtworkConfig, addon: NativeAddon): Promise<Artwork> {
  const drawn = await Promise.allSettled([renderSlate(output, CONNECTING), renderSlate(output, RECONNECTING)]);
  const made = drawn.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    for (const each of drawn) if (each.status === 'rejected') throw each.reason;
    const [connecting = 0, reconnecting = 0] = made;
    const plates = await renderLabels(output, slots.labels);
    return { connecting, reconnecting, plates, borderColour: videoColour(framing.borderColour) };
  } catch (error) {
    for (const handle of made) addon.release(handle);
    throw error;
  }
}

/** The same in the card's memory, carried over once. */
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
    const plates: (Plate | undefined)[] = [];
    for (const plate of artwork.plates) plates.push(plate && { ...plate, handle: await upload(plate.handle) });
    return { ...artwork, connecting, reconnecting, plates };
  } catch (error) {
    for (const handle of uploaded) addon.release(handle);
    throw error;
  }
}

export function releaseArtwork({ connecting, reconnecting, plates }: Artwork, addon: NativeAddon): void {
  addon.release(connecting);
  addon.release(reconnecting);
  releaseLabels(plates);
}
