import { tap } from 'rxjs';
import { runToEnd } from '../offline/run-to-end.js';
import { streamSchema } from '../shared/config/schema.js';
import type { FrameMemory } from '../shared/domain/frame.js';
import { withResources } from '../shared/resource-stack.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { openSource } from '../stream/stages/ingest/source-session.adapter.js';
import { logger } from './measured-chain.js';

/** What a decoder did. */
export interface FreeDecoding {
  /** Frames a second, from the first frame to the last. */
  readonly fps: number;
  /** Between frames, ms. */
  readonly intervalsMs: readonly number[];
  /** Element that decoded. */
  readonly decoder: string;
}

/**
 * Decodes a clip as fast as it goes, nothing else.
 *
 * @param memory - where the pictures are to lie
 * @throws {@link DiptychError} where the clip cannot be decoded.
 */
export function decodeFreely(
  clip: string,
  memory: FrameMemory,
  { seconds = Infinity, signal }: { readonly seconds?: number; readonly signal: AbortSignal },
): Promise<FreeDecoding> {
  return withResources(async (resources) => {
    const addon = loadAddon();
    const { source } = streamSchema.parse({ source: { url: clip } });
    const session = await openSource(source, { pace: 'free', memory, logger });
    resources.defer(() => session.close());
    let decoder = 'unknown';
    session.info$.subscribe((info) => (decoder = info.decoder ?? decoder));
    const intervalsMs: number[] = [];
    let begunMs: number | undefined;
    let lastMs = 0;
    const frames$ = session.frames$.pipe(
      tap(({ handle }) => {
        addon.release(handle);
        const nowMs = performance.now();
        if (begunMs !== undefined) intervalsMs.push(nowMs - lastMs);
        begunMs ??= nowMs;
        lastMs = nowMs;
        if (signal.aborted || lastMs - begunMs >= seconds * 1000) void session.close();
      }),
    );
    await runToEnd(frames$, { failures: [session.ended] });
    const elapsedMs = Math.max(1e-3, lastMs - (begunMs ?? lastMs));
    return { fps: (intervalsMs.length * 1000) / elapsedMs, intervalsMs, decoder };
  });
}
