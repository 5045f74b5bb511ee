import type { Size } from '#src/shared/domain/box.js';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';

/** A grey picture. */
export function stillPicture({ width, height }: Size): FrameHandle {
  return loadAddon().createFrame({ width, height }, 'I420', new Uint8Array((width * height * 3) / 2).fill(128));
}

/** Noise that no encoder can make small. */
export function busyPicture({ width, height }: Size, seed: number): FrameHandle {
  const data = new Uint8Array((width * height * 3) / 2);
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < data.length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    data[i] = state >>> 24;
  }
  return loadAddon().createFrame({ width, height }, 'I420', data);
}
