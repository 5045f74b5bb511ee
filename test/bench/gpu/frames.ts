import { filter, firstValueFrom, take, toArray } from 'rxjs';
import { streamSchema } from '#src/shared/config/schema.js';
import type { FrameMemory } from '#src/shared/domain/frame.js';
import type { NativeAddon, NativeFrame } from '#src/stream/native/types.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import { createLogger } from '#src/shared/telemetry/logger.js';

/** No more: a file's graph waits while eight of its frames are held. */
const MOST_FRAMES = 6;

/**
 * Some frames of a clip, `every` frames apart, where they are wanted: decoded there, or put there
 * where nothing decodes into the GPU's memory. The caller releases them.
 */
export async function framesOf(
  addon: NativeAddon,
  clip: string,
  {
    count = MOST_FRAMES,
    every = 20,
    memory,
  }: { readonly count?: number; readonly every?: number; readonly memory: FrameMemory },
): Promise<readonly NativeFrame[]> {
  const { source } = streamSchema.parse({ source: { url: clip, loop: false } });
  const session = await openSource(source, { pace: 'free', memory, logger: createLogger({ level: 'warn' }) });
  try {
    const frames = await firstValueFrom(
      session.frames$.pipe(
        filter((frame, i) => {
          if (i % every === 0) return true;
          addon.release(frame.handle);
          return false;
        }),
        take(count),
        toArray(),
      ),
    );
    return await Promise.all(frames.map((frame) => (memory === 'cuda' ? onGpu(addon, frame) : Promise.resolve(frame))));
  } finally {
    await session.close();
  }
}

/** The frame in the GPU's memory, in place of the one that came. */
export async function onGpu(addon: NativeAddon, frame: NativeFrame): Promise<NativeFrame> {
  if (frame.memory === 'cuda') return frame;
  const handle = await addon.uploadFrame(frame.handle);
  addon.release(frame.handle);
  return { ...addon.frameInfo(handle), ptsMs: frame.ptsMs };
}
