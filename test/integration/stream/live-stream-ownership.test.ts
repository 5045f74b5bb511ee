import { afterAll, beforeAll, expect, it } from 'vitest';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';
import type { DetectionSet } from '#src/shared/domain/detection.js';
import { DiptychError } from '#src/shared/domain/errors.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { drawArtwork } from '#src/stream/backend/artwork.js';
import { cpuPainter } from '#src/stream/backend/cpu-backend.js';
import type { VisionBackend, VisionBackendOptions } from '#src/stream/backend/vision-backend.js';
import { LiveStream } from '#src/stream/live-stream.js';
import { openEncoder } from '#src/stream/stages/encode/encode-session.adapter.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import { AcquiredLog } from '../acquired.js';
import { loadTestAddon } from '../native/test-addon.js';
import { RtpReceiver } from './stages/encode/rtp-receiver.js';

const addon = loadTestAddon();
const config = streamSchema.parse({
  source: { url: 'test:' },
  output: { width: 320, height: 180, fps: 30 },
  slots: { labels: ['Ada', 'Grace'] },
});
/** The call at which a stage fails, well after the chain is full. */
const FAILING_CALL = 8;

let video: RtpReceiver;
let audio: RtpReceiver;

beforeAll(async () => {
  video = await RtpReceiver.open(1111, 96);
  audio = await RtpReceiver.open(2222, 97);
});

afterAll(() => {
  video.close();
  audio.close();
});

/** Finds nobody, and paints on the CPU. */
function backend(log: AcquiredLog, options: VisionBackendOptions): VisionBackend {
  const painter = cpuPainter(options);
  let calls = 0;
  const failLater = (name: string): void => {
    calls += 1;
    if (calls >= FAILING_CALL) log.failAt(name);
  };
  return {
    memory: 'system',
    gpu: { state: 'off', reason: 'test' },
    detector: {
      ...{ model: 'test', reason: 'test', close: () => Promise.resolve() },
      detect: async ({ ptsMs }): Promise<DetectionSet> => {
        await new Promise(setImmediate);
        failLater('detecting');
        return { ptsMs, detections: [] };
      },
    },
    painter: {
      paint: async (frame) => {
        failLater('painting');
        return painter.paint(frame);
      },
      retain: (picture) => painter.retain(picture),
      release: (picture) => painter.release(picture),
    },
    artwork: options.artwork,
    residencies: [],
    toBackendMemory: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** Runs a stream in which a step fails, or until it has composed some pictures. */
async function run(failing: string) {
  const log = new AcquiredLog(failing);
  const stop = new AbortController();
  let overlays = 0;
  const states = new Set<string>();
  const before = addon.liveFrames();
  const end = await LiveStream.run(
    {
      ...{ config, gpu: gatewaySchema.parse({ gpu: { use: 'off' } }).gpu },
      ...{ video: video.destination, audio: audio.destination, logger: createLogger({ level: 'error' }) },
      report: (news) => {
        if (news.type === 'overlay') overlays += 1;
        if (news.type === 'status') states.add(`${news.status.state}: ${news.status.error?.message ?? ''}`);
        if (overlays > 3 * FAILING_CALL && ['nothing', 'source'].includes(failing)) stop.abort();
      },
      steps: {
        drawArtwork: async (...args) => {
          log.failAt('artwork');
          return drawArtwork(...args);
        },
        openBackend: log.step('backend', (options) => Promise.resolve(backend(log, options))),
        openEncoder: log.step('encoder', openEncoder),
        openSource: async (...args) => {
          if (failing === 'source') throw new DiptychError('DIPTYCH_E_CONFIG', 'source failed');
          return log.watch('source', await openSource(...args));
        },
      },
    },
    stop.signal,
    () => log.failAt('ready'),
  ).then(
    () => 'done',
    (error: unknown) => (error as Error).message,
  );
  return { log, end, states, leaked: addon.liveFrames() - before };
}

const ALL = ['backend', 'encoder', 'source'];

it.each([
  { failing: 'nothing', acquired: ALL, end: 'done' },
  { failing: 'artwork', acquired: [] },
  { failing: 'backend', acquired: [] },
  { failing: 'encoder', acquired: ['backend'] },
  { failing: 'ready', acquired: ALL },
  { failing: 'detecting', acquired: ALL },
  { failing: 'painting', acquired: ALL },
])('a stream releases all that it acquired, in reverse order: $failing fails', async ({ failing, acquired, end }) => {
  const found = await run(failing);

  expect(found.end).toBe(end ?? `${failing} failed`);
  expect(found.log.acquired).toEqual(acquired);
  expect(found.log.released).toEqual([...acquired].reverse());
  expect(found.leaked).toBe(0);
});

it('a source that cannot work leaves the stream running, with a slate and the reason', async () => {
  const found = await run('source');

  expect(found.end).toBe('done');
  expect([...found.states]).toContain('failed: source failed');
  expect(found.log.released).toEqual(['encoder', 'backend']);
  expect(found.leaked).toBe(0);
});
