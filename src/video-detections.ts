import { EventEmitter, on } from 'node:events';
import { streamSchema } from '#config/schema.js';
import type { Box } from '#domain/box.js';
import type { DetectionSet } from '#domain/detection.js';
import { ModelStore } from '#inference/model-store.adapter.js';
import { loadAddon } from '#native/addon.adapter.js';
import { detectEvery } from '#stages/detect/detect.operator.js';
import { createDetector } from '#stages/detect/detector.adapter.js';
import { openSource } from '#stages/ingest/source-session.adapter.js';
import { createLogger } from '#telemetry/logger.js';
import type { TrackSource } from './track-command.js';

/** Every frame is detected on, whatever its rate. */
const EVERY_FRAME_FPS = 1000;
/** Of a video whose first frames do not tell. */
const DEFAULT_FPS = 30;

interface DetectionEvents {
  set: [DetectionSet];
  end: [];
  error: [unknown];
}

/**
 * Finds the people in every frame of a video, in order; what was found waits until it is taken.
 * @throws {@link DiptychError} where the file cannot be decoded or there is no detector.
 */
export async function openVideo(path: string, signal: AbortSignal): Promise<TrackSource> {
  const sets = detectVideo(path, signal);
  const [first, second] = [await sets.next(), await sets.next()];
  const fps = first.done || second.done ? DEFAULT_FPS : 1000 / (second.value.ptsMs - first.value.ptsMs);
  return {
    fps: Math.round(fps * 100) / 100,
    sets: (async function* () {
      for (const head of [first, second]) if (!head.done) yield head.value;
      yield* sets;
    })(),
  };
}

async function* detectVideo(path: string, signal: AbortSignal): AsyncGenerator<DetectionSet, void> {
  const { source, detect } = streamSchema.parse({ source: { url: path, loop: false } });
  const addon = loadAddon();
  const detector = await createDetector(detect, { addon, store: new ModelStore(), signal });
  const session = await openSource(source, { pace: 'free', logger: createLogger({ level: 'warn' }) });
  const found = new EventEmitter<DetectionEvents>();
  let boxes: readonly Box[] = [];
  const subscription = session.frames$
    .pipe(detectEvery(detector, { maxFps: EVERY_FRAME_FPS, hints: () => boxes }))
    .subscribe({
      next: ({ handle, ptsMs, detections = { ptsMs, detections: [] } }) => {
        addon.release(handle);
        boxes = detections.detections.map(({ box }) => box);
        found.emit('set', detections);
      },
      error: (error: unknown) => found.emit('error', error),
      complete: () => found.emit('end'),
    });
  // A source that fails completes its frames too; the reason is worth more than the end.
  session.ended.catch((error: unknown) => found.emit('error', error));
  try {
    for await (const [set] of on(found, 'set', { close: ['end'], signal })) yield set as DetectionSet;
    await session.ended;
  } finally {
    subscription.unsubscribe();
    found.on('error', () => undefined);
    await session.close();
    await detector.close();
  }
}
