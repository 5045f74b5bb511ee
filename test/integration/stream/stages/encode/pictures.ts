import type { Size } from '#src/shared/domain/box.js';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import { seededRandom } from '#src/shared/random.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';

/** A grey picture. */
export function stillPicture({ width, height }: Size): FrameHandle {
  return loadAddon().createFrame({ width, height }, 'I420', new Uint8Array((width * height * 3) / 2).fill(128));
}

/** Noise that no encoder can make small. */
export function busyPicture({ width, height }: Size, seed: number): FrameHandle {
  const random = seededRandom(seed);
  const data = Uint8Array.from({ length: (width * height * 3) / 2 }, () => 256 * random());
  return loadAddon().createFrame({ width, height }, 'I420', data);
}
