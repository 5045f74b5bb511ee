import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openFileEncoder } from '#src/offline/file-encoder.adapter.js';
import { LineFile } from '#src/offline/line-file.adapter.js';
import { renderFile } from '#src/offline/render.js';
import { trackSource } from '#src/offline/track.js';
import { openVideo } from '#src/offline/video-detections.js';
import { outputSchema } from '#src/shared/config/schema.js';
import type { DetectionSet } from '#src/shared/domain/detection.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { drawFileArtwork } from '#src/stream/backend/artwork.js';
import { cpuPainter } from '#src/stream/backend/cpu-backend.js';
import type { Analyzer, VisionBackend, VisionBackendOptions } from '#src/stream/backend/vision-backend.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { STILL_SCENE } from '#src/test-camera/scenes.js';
import { AcquiredLog } from '../acquired.js';
import { loadTestAddon } from '../native/test-addon.js';

const addon = loadTestAddon();
const logger = createLogger({ level: 'error' });
const face = { box: { x: 200, y: 100, width: 80, height: 100 }, score: 0.9, kind: 'face' } as const;
const OUTPUT = { width: 640, height: 360, fps: 30 };
/** The frame at which a stage fails, well after the chain is full. */
const FAILING_FRAME = 20;

let scene: string;
let folder: string;

beforeAll(async () => {
  scene = await renderScene({ ...STILL_SCENE, name: 'camera-test', durationS: 4 }, OUTPUT);
}, 300_000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-ownership-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/**
 * Detects one face in every frame; takes frames over one turn later, as a GPU does. `onFailingFrame` is called at the
 * frame at which stages fail.
 */
function analyzer(log: AcquiredLog, onFailingFrame?: () => void): Analyzer {
  let frames = 0;
  return {
    memory: 'system',
    gpu: { state: 'off', reason: 'test' },
    detector: {
      ...{ model: 'test', reason: 'test', close: () => Promise.resolve() },
      detect: async ({ ptsMs }): Promise<DetectionSet> => {
        await new Promise(setImmediate);
        frames += 1;
        if (frames === FAILING_FRAME) {
          onFailingFrame?.();
          log.failAt('detecting');
        }
        return { ptsMs, detections: [face] };
      },
    },
    residencies: [],
    toBackendMemory: async (frame) => {
      await new Promise(setImmediate);
      if (frames < FAILING_FRAME - 1) return frame;
      try {
        log.failAt('moving');
        return frame;
      } catch (error) {
        addon.release(frame.handle);
        throw error;
      }
    },
    close: () => Promise.resolve(),
  };
}

function backend(log: AcquiredLog, options: VisionBackendOptions): VisionBackend {
  let frames = 0;
  const painter = cpuPainter(options);
  return {
    ...analyzer(log),
    artwork: options.artwork,
    painter: {
      paint: async (frame) => {
        frames += 1;
        if (frames === FAILING_FRAME) log.failAt('painting');
        return painter.paint(frame);
      },
      retain: (picture) => painter.retain(picture),
      release: (picture) => painter.release(picture),
    },
  };
}

describe('renderFile', () => {
  async function render(failing: string) {
    const log = new AcquiredLog(failing);
    const interrupt = new AbortController();
    const before = addon.liveFrames();
    const end = await renderFile(
      {
        ...{ input: scene, output: join(folder, 'out.mp4'), logger },
        eventsPath: join(folder, failing === 'writing events' ? 'none/e.jsonl' : 'events.jsonl'),
        stream: { output: outputSchema.parse(OUTPUT) },
        onProgress: (frames) => {
          if (frames !== FAILING_FRAME) return;
          if (failing === 'interrupt') interrupt.abort();
          log.failAt('progress');
        },
        steps: {
          drawArtwork: async (...args) => {
            log.failAt('artwork');
            return drawFileArtwork(...args);
          },
          openBackend: log.step('backend', (options) => Promise.resolve(backend(log, options))),
          openSource: log.step('source', openSource),
          openEncoder: log.step('encoder', openFileEncoder),
          openEvents: (path) => {
            log.failAt('events');
            return log.watch('events', new LineFile(path));
          },
        },
      },
      interrupt.signal,
    ).then(
      () => 'done',
      (error: unknown) => (error as Error).message,
    );
    return { log, end, leaked: addon.liveFrames() - before };
  }

  const ALL = ['backend', 'source', 'encoder', 'events'];
  it.each([
    { failing: 'nothing', acquired: ALL, end: 'done' },
    { failing: 'artwork', acquired: [] },
    { failing: 'backend', acquired: [] },
    { failing: 'source', acquired: ['backend'] },
    { failing: 'encoder', acquired: ['backend', 'source'] },
    { failing: 'events', acquired: ['backend', 'source', 'encoder'] },
    { failing: 'moving', acquired: ALL },
    { failing: 'detecting', acquired: ALL },
    { failing: 'painting', acquired: ALL },
    { failing: 'progress', acquired: ALL },
    { failing: 'writing events', acquired: ALL, end: /^cannot write .*ENOENT/ },
    { failing: 'interrupt', acquired: ALL, end: /^interrupted/ },
  ])('releases all that it acquired, in reverse order: $failing fails', async ({ failing, acquired, end }) => {
    const found = await render(failing);

    expect(found.end).toEqual(expect.stringMatching(end ?? `${failing} failed`));
    expect(found.log.acquired).toEqual(acquired);
    expect(found.log.released).toEqual([...acquired].reverse());
    expect(found.leaked).toBe(0);
    const isWhole = failing === 'nothing';
    expect((await readdir(folder)).includes('out.mp4')).toBe(isWhole);
  });
});

describe('trackSource over a video', () => {
  async function track(failing: string) {
    const log = new AcquiredLog(failing);
    const interrupt = new AbortController();
    const before = addon.liveFrames();
    const onFailingFrame = (): void => {
      if (failing === 'interrupt') interrupt.abort(new Error('interrupt failed'));
    };
    const work = async (): Promise<string> => {
      const source = await openVideo(
        scene,
        {
          reid: 'off',
          steps: {
            openAnalyzer: log.step('analyzer', () => Promise.resolve(analyzer(log, onFailingFrame))),
            openSource: log.step('source', openSource),
            readFrameRate: () => {
              log.failAt('frame rate');
              return Promise.resolve(30);
            },
          },
        },
        interrupt.signal,
      );
      let files = 0;
      await trackSource(source, {
        outPath: join(folder, failing === 'writing' ? 'none/out.txt' : 'out.txt'),
        eventsPath: join(folder, 'events.jsonl'),
        openFile: (path) => {
          files += 1;
          const name = files === 1 ? 'out' : 'events';
          log.failAt(name);
          return log.watch(name, new LineFile(path));
        },
      });
      return 'done';
    };
    const end = await work().catch((error: unknown) => {
      const { message, cause } = error as Error;
      return message.includes('aborted') ? (cause as Error).message : message;
    });
    return { log, end, leaked: addon.liveFrames() - before };
  }

  const ALL = ['analyzer', 'source', 'out', 'events'];
  it.each([
    { failing: 'nothing', acquired: ALL, end: 'done' },
    { failing: 'analyzer', acquired: [] },
    { failing: 'source', acquired: ['analyzer'] },
    { failing: 'frame rate', acquired: ['analyzer', 'source'] },
    { failing: 'out', acquired: ['analyzer', 'source'] },
    { failing: 'events', acquired: ['analyzer', 'source', 'out'] },
    { failing: 'moving', acquired: ALL },
    { failing: 'detecting', acquired: ALL },
    { failing: 'writing', acquired: ALL, end: /^cannot write .*ENOENT/ },
    { failing: 'interrupt', acquired: ALL },
  ])('releases all that it acquired, in reverse order: $failing fails', async ({ failing, acquired, end }) => {
    const found = await track(failing);

    expect(found.end).toEqual(expect.stringMatching(end ?? `${failing} failed`));
    expect(found.log.acquired).toEqual(acquired);
    expect(found.log.released).toEqual([...acquired].reverse());
    expect(found.leaked).toBe(0);
  });
});
