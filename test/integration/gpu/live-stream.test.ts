import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';
import type { BusBytes, StreamStatus } from '#src/shared/domain/stream-status.js';
import { loadTestAddon } from '../native/test-addon.js';
import type { StreamEvent } from '#src/shared/ipc/messages.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { LiveStream } from '#src/stream/live-stream.js';
import { buildSources } from '../stream/stages/detect/built-sources.js';
import { RtpReceiver } from '../stream/stages/encode/rtp-receiver.js';
import { renderSmallScene, softEnvironment } from './soft-environment.js';

const addon = loadTestAddon();
const SOURCE = { width: 640, height: 360 };
const OUTPUT = { width: 640, height: 360, fps: 30 };
const FRAME_BYTES = 1.5;
const CANDIDATES_PER_FRAME = 16 * 1024;
/** Starting takes as long as it takes on a busy machine; a stream that does not come at all fails the test. */
const PATIENCE_MS = 120_000;

let statuses: StreamStatus[] = [];
const events: StreamEvent[] = [];
let video: RtpReceiver;
let audio: RtpReceiver;
let running: Promise<void>;
const stopping = new AbortController();

beforeAll(async () => {
  await buildSources();
  Object.assign(process.env, softEnvironment());
  const url = await renderSmallScene();
  video = await RtpReceiver.open(1111, 96);
  audio = await RtpReceiver.open(2222, 97);
  const config = streamSchema.parse({
    source: { url },
    output: OUTPUT,
    slots: { labels: ['Ada', 'Grace'] },
    framing: { borderPx: 4 },
  });
  running = LiveStream.run(
    {
      config,
      gpu: gatewaySchema.parse({ gpu: { use: 'require' } }).gpu,
      video: video.destination,
      audio: audio.destination,
      logger: createLogger({ level: 'error' }),
      report: (report) => {
        if (report.type === 'status') statuses.push(report.status);
        if (report.type === 'event') events.push(report.event);
      },
    },
    stopping.signal,
    () => undefined,
  );
  running.catch(() => undefined);
}, 300_000);

afterAll(async () => {
  stopping.abort();
  await running;
  video.close();
  audio.close();
  expect(addon.liveFrames()).toBe(0);
}, 60_000);

/** The first status from now on that is as wanted; the stream's own failure where it fails before. */
async function statusWhere(isWanted: (status: StreamStatus) => boolean): Promise<StreamStatus> {
  const untilMs = performance.now() + PATIENCE_MS;
  statuses = [];
  while (performance.now() < untilMs) {
    const found = statuses.find(isWanted);
    if (found) return found;
    await Promise.race([delay(50), running]);
  }
  throw new Error(`no such status; the latest is ${JSON.stringify(statuses.at(-1))}`);
}

const bytesBetween = (
  before: StreamStatus,
  after: StreamStatus,
  way: 'toDevice' | 'toHost',
  purpose: keyof BusBytes,
): number => after.gpu!.traffic![way][purpose] - before.gpu!.traffic![way][purpose];

describe('a stream on the GPU', () => {
  it('says for each stage where its frames lie', async () => {
    const { gpu } = await statusWhere(({ gpu: now, people }) => now?.stages.length === 5 && people.length === 2);

    expect(gpu).toMatchObject({ state: 'used', name: expect.stringContaining('Soft') as unknown });
    expect(gpu!.stages.map(({ stage, memory }) => [stage, memory])).toEqual([
      // The stand-in has no NVDEC and no NVENC.
      ['decode', 'system'],
      ['detect', 'cuda'],
      ['reid', 'cuda'],
      ['compose', 'cuda'],
      ['encode', 'system'],
    ]);
    expect(gpu!.stages[0]!.reason).toContain('uploaded once');
    expect(gpu!.stages[4]!.reason).toContain('downloaded once');
  });

  it('brings down one composed frame for each, and candidates, and nothing else', async () => {
    const before = await statusWhere(({ frames }) => frames.out > 60);
    const after = await statusWhere(({ frames }) => frames.out >= before.frames.out + 60);

    // One that is under way at either reading may be counted on one side only.
    const composed = after.frames.out - before.frames.out + 3;
    const taken = after.frames.in - before.frames.in + 3;
    const area = (size: typeof SOURCE): number => size.width * size.height * FRAME_BYTES;
    expect(bytesBetween(before, after, 'toHost', 'frame')).toBeLessThanOrEqual(composed * area(OUTPUT));
    expect(bytesBetween(before, after, 'toHost', 'result')).toBeLessThanOrEqual(composed * CANDIDATES_PER_FRAME);
    expect(bytesBetween(before, after, 'toHost', 'setup')).toBe(0);
    // Decoded on the CPU, each source frame is carried over once; with NVDEC there are none.
    expect(bytesBetween(before, after, 'toDevice', 'frame')).toBeLessThanOrEqual(taken * area(SOURCE));
    expect(bytesBetween(before, after, 'toDevice', 'result')).toBeLessThanOrEqual(taken * CANDIDATES_PER_FRAME);
    expect(bytesBetween(before, after, 'toDevice', 'setup')).toBe(0);
    expect(bytesBetween(before, after, 'toHost', 'frame')).toBeGreaterThan(0);
  });

  it('goes on on the CPU when the GPU is lost, with the same people and the same encoder', async () => {
    const before = await statusWhere(({ people }) => people.length === 2);
    const packets = video.packets.length;

    addon.injectFault();
    const after = await statusWhere(
      ({ gpu, frames, people }) =>
        gpu?.state === 'lost' &&
        frames.out > before.frames.out + 30 &&
        people.length === 2 &&
        gpu.stages.every(({ memory }) => memory === 'system'),
    );

    expect(after.gpu).toMatchObject({ state: 'lost', reason: expect.stringMatching(/CUDA_ERROR/) as unknown });
    expect(after.people.map(({ trackId, slot }) => [trackId, slot]).sort()).toEqual(
      before.people.map(({ trackId, slot }) => [trackId, slot]).sort(),
    );
    expect(events.filter(({ name }) => name === 'gpu_lost')).toHaveLength(1);
    expect(after.output.encoder).toBe(before.output.encoder);
    const since = video.packets.slice(packets);
    expect(since.length).toBeGreaterThan(30);
    expect(new Set(since.map(({ ssrc }) => ssrc))).toEqual(new Set([1111]));
    await statusWhere(({ frames }) => frames.out > after.frames.out + 30);
  });
});
