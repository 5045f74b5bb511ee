import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { concatMap, lastValueFrom, tap } from 'rxjs';
import { gatewaySchema, streamSchema, type GpuConfig, type StreamConfig } from '../shared/config/schema.js';
import type { Box } from '../shared/domain/box.js';
import { DiptychError } from '../shared/domain/errors.js';
import { OutputGrid } from '../stream/domain/output-grid.js';
import { explainLossInFile } from '../stream/backend/gpu/gpu-error.js';
import { ModelStore } from '../stream/models/model-store.adapter.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import type { NativeFrame } from '../stream/native/types.js';
import { videoColour } from '../stream/stages/compose/border-colour.js';
import { releaseLabels, renderLabels } from '../stream/stages/compose/label.adapter.js';
import { detectEvery } from '../stream/stages/detect/detect.operator.js';
import { openFileEncoder } from './file-encoder.adapter.js';
import { openSource } from '../stream/stages/ingest/source-session.adapter.js';
import type { IdentityCounts } from '../stream/stages/reid/identity-options.js';
import type { Logger } from '../shared/telemetry/logger.js';
import { openVisionBackend } from '../stream/backend/vision-backend.js';
import { FrameSemaphore } from './frame-semaphore.js';
import { identityStage } from '../stream/identity-stage.js';
import { twoShot, type ComposedFrame } from '../stream/pipeline.js';

export interface RenderOptions {
  readonly input: string;
  readonly output: string;
  /** One JSON object a line: what each output frame shows. */
  readonly eventsPath?: string;
  readonly stream?: Partial<Omit<StreamConfig, 'id' | 'source' | 'targets'>>;
  readonly gpu?: Partial<GpuConfig>;
  readonly logger: Logger;
  readonly onProgress?: (framesOut: number) => void;
}

export interface RenderSummary {
  readonly frames: { readonly in: number; readonly out: number; readonly repeated: number };
  readonly model: string;
  readonly gpu: { readonly state: 'used' | 'off'; readonly name?: string; readonly reason: string };
  readonly seconds: number;
  /** Absent where faces were not looked at. */
  readonly reid?: IdentityCounts;
}

/** Where a frame's pixels are brought elsewhere, the source does not see that it is still in use. */
const FRAMES_IN_CHAIN = 4;

/**
 * Runs the live chain over a file, as fast as it goes. Nothing is dropped and every detection is
 * waited for, so the same file gives the same picture every time.
 * @throws {@link DiptychError}
 */
export async function renderFile(options: RenderOptions, signal: AbortSignal): Promise<RenderSummary> {
  const { input, output, eventsPath, logger } = options;
  const config = { ...streamSchema.parse({ source: { url: input, loop: false } }), ...options.stream };
  const addon = loadAddon();
  const store = new ModelStore();
  // A file has no slate: its picture is there from the first frame to the last.
  const blank = addon.createFrame({ width: 16, height: 16 }, 'I420', new Uint8Array(16 * 16 * 1.5));
  const plates = await renderLabels(config.output, config.slots.labels);
  const gpu = { ...gatewaySchema.parse({}).gpu, ...options.gpu };
  const backend = await openVisionBackend({
    ...{ config, gpu, addon, store, logger, signal },
    artwork: {
      connecting: blank,
      reconnecting: blank,
      plates,
      borderColour: videoColour(config.framing.borderColour),
    },
  });
  const { detector, embedder } = backend;
  const session = await openSource(config.source, { pace: 'free', logger, memory: backend.memory, device: gpu.device });
  const encoder = await openFileEncoder(config.output, output, { sound: session.audio });
  const events = eventsPath === undefined ? undefined : openEvents(eventsPath);
  const semaphore = new FrameSemaphore(FRAMES_IN_CHAIN);
  let framesIn = 0;
  let framesOut = 0;
  let repeated = 0;
  let boxes: readonly Box[] = [];
  let reid: IdentityCounts | undefined;
  const writeEvent = (event: object): void => {
    events?.write(`${JSON.stringify(event)}\n`);
  };
  try {
    const composed$ = twoShot(
      session.frames$.pipe(
        // The encoder sets the pace: the source waits while frames of its are held here.
        concatMap(async (frame: NativeFrame) => {
          await encoder.ready();
          await semaphore.acquire();
          return (await backend.toBackendMemory(frame)) ?? frame;
        }),
      ),
      {
        // What comes after waits for faces to be looked at: hints from there would come by chance.
        detect: (frames$) =>
          frames$.pipe(
            detectEvery(detector, { maxFps: config.detect.maxFps, hints: () => boxes }),
            tap(({ detections }) => {
              if (detections) boxes = detections.detections.map(({ box }) => box);
            }),
          ),
        track: { ...config.track, association: embedder ? 'combined' : 'published' },
        ...(embedder && {
          identify: identityStage<NativeFrame>(embedder, {
            config: config.reid,
            answers: 'awaited',
            onIdentities: (happened, counts) => {
              reid = counts;
              for (const { name, ...details } of happened) writeEvent({ event: name, ...details });
            },
          }),
        }),
        slots: { ...config.slots, holdS: config.framing.holdS },
        grid: {
          grid: new OutputGrid({ fps: config.output.fps }),
          release: (handle) => {
            addon.release(handle);
            semaphore.release();
          },
        },
        layout: { ...config.framing, output: config.output, plates: plates.map((plate) => plate?.crop) },
        slate: { width: 16, height: 16 },
        condition: () => 'live',
        painter: backend.painter,
        paint: { maxInFlight: Number.POSITIVE_INFINITY },
        onKnown: () => {
          framesIn += 1;
        },
      },
    ).pipe(
      tap((frame) => {
        encoder.push(frame.picture, frame.outPtsMs);
        addon.release(frame.picture);
        if (!frame.isNew) repeated += 1;
        writeEvent(describeFrame(framesOut, frame));
        framesOut += 1;
        options.onProgress?.(framesOut);
      }),
    );
    await Promise.race([
      lastValueFrom(composed$, { defaultValue: undefined }),
      session.ended.then(() => new Promise<never>(() => undefined)),
      encoder.failed,
      rejectOnAbort(signal),
    ]);
    await session.ended;
    await encoder.finish();
    events?.end();
    if (events) await finished(events);
    const seconds = framesOut / config.output.fps;
    return {
      frames: { in: framesIn, out: framesOut, repeated },
      model: detector.model,
      gpu: backend.gpu,
      seconds,
      ...(reid && { reid }),
    };
  } catch (error) {
    throw explainLossInFile(error, addon.gpuLostReason());
  } finally {
    events?.destroy();
    await session.close();
    await encoder.close();
    await backend.close();
    releaseLabels(plates);
    addon.release(blank);
  }
}

/** One line of the events file. Boxes in pixels: people and crops of the source, tiles of the output. */
function describeFrame(frame: number, { outPtsMs, sourceFrame, plan }: ComposedFrame): object {
  return {
    event: 'frame',
    frame,
    ptsMs: outPtsMs,
    sourcePtsMs: sourceFrame?.ptsMs,
    layout: plan.layout,
    slots: sourceFrame?.slots.map((trackId) => trackId ?? null) ?? [],
    people: sourceFrame?.tracks.map(({ id, state, box, score }) => ({ trackId: id, state, box, score })) ?? [],
    regions: plan.regions.map(({ trackId, crop, dest, alpha }) => ({ trackId, crop, dest, alpha })),
  };
}

function openEvents(path: string): WriteStream {
  const stream = createWriteStream(path);
  stream.on('error', (error) => {
    throw new DiptychError('DIPTYCH_E_USAGE', `--events: cannot write ${path}: ${error.message}`);
  });
  return stream;
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new DiptychError('DIPTYCH_E_USAGE', 'interrupted; the file is not complete'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
