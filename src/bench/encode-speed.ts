import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutputConfig } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { FrameHandle } from '../shared/domain/frame.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import type { EncodeSession } from '../stream/stages/encode/encode-session.adapter.js';

/** An encoder that gives nothing back for this long has failed. */
const LIMIT_MS = 5_000;

/**
 * Times of pictures through the live encoder, one after the other, ms. The first ones, while it
 * starts, are left out.
 *
 * @param pictures - of the output size, in the memory that the encoder takes; shown in turn
 */
export async function timeEncoding(
  encoder: EncodeSession,
  { fps }: Pick<OutputConfig, 'fps'>,
  pictures: readonly FrameHandle[],
  count: number,
): Promise<readonly number[]> {
  const addon = loadAddon();
  const firstSlot = Math.ceil((addon.nowMs() * fps) / 1000);
  const warmUps = Math.ceil(count / 10);
  const times: number[] = [];
  for (let i = 0; i < count + warmUps; i += 1) {
    const before = encoder.stats.bytes;
    const begunMs = performance.now();
    encoder.push(pictures[i % pictures.length]!, ((firstSlot + i) * 1000) / fps);
    while (encoder.stats.bytes === before) {
      if (performance.now() - begunMs > LIMIT_MS) {
        throw new DiptychError(
          'DIPTYCH_E_INTERNAL',
          `${encoder.encoder} gave no picture back for ${LIMIT_MS / 1000} s`,
        );
      }
      await Promise.race([nextTurn(), encoder.failed]);
    }
    if (i >= warmUps) times.push(performance.now() - begunMs);
  }
  return times;
}
