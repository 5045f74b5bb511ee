import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { parseCommandArguments } from '#src/cli/command.js';
import { modelsCommand } from '#src/cli/models.js';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';
import type { OverlayFrame, StreamReport } from '#src/shared/ipc/messages.js';
import type { StreamStatus } from '#src/shared/domain/stream-status.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { LiveStream } from '#src/stream/live-stream.js';
import { cacheFolder } from '#src/stream/models/cache-folder.adapter.js';
import { loadTestAddon } from '../native/test-addon.js';
import { buildSources } from './stages/detect/built-sources.js';
import { writeDetector, writePose } from './stages/detect/made-networks.js';
import { RtpReceiver } from './stages/encode/rtp-receiver.js';

const addon = loadTestAddon();
const SIDE = 640;
/** Starting takes as long as it takes on a busy machine. */
const PATIENCE_MS = 60_000;

/** Pixels of the detector's input, in which a picture of 16:9 is 640×360, 140 lines below the edge. */
const BODIES = [
  { x: 180, y: 340, width: 120, height: 240 },
  { x: 460, y: 340, width: 120, height: 240 },
];
/** In pixels of RTMPose's input: nose, eyes, ears and shoulders of somebody who looks to the right, and the rest. */
const POINTS = [
  [104, 70],
  [102, 64],
  [98, 64],
  [96, 66],
  [88, 66],
  [116, 100],
  [76, 100],
  ...Array.from({ length: 10 }, (_, i) => [96, 110 + 12 * i]),
];

let folder: string;
let video: RtpReceiver;
let audio: RtpReceiver;

beforeAll(async () => {
  await buildSources();
  folder = await mkdtemp(join(tmpdir(), 'diptych-pose-stream-'));
  // Other models that are on this machine are not fetched anew.
  vi.stubEnv('DIPTYCH_MODEL_DIR', process.env['DIPTYCH_MODEL_DIR'] ?? cacheFolder('models'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
  video = await RtpReceiver.open(1111, 96);
  audio = await RtpReceiver.open(2222, 97);
  await add(
    await writeDetector(join(folder, 'people.onnx'), SIDE, [
      { ...BODIES[0]!, score: 0.9 },
      { ...BODIES[1]!, score: 0.9 },
    ]),
    ...['--task', 'person-detector', '--decoder', 'yolov8'],
  );
  await add(
    await writePose(
      join(folder, 'rtmpose-m.onnx'),
      POINTS.map(([x = 0, y = 0]) => [2 * x, 2 * y, 0.8] as const),
    ),
  );
}, 120_000);

afterEach(() => {
  vi.restoreAllMocks();
});

afterAll(async () => {
  video.close();
  audio.close();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
  expect(addon.liveFrames()).toBe(0);
});

async function add(...argv: string[]): Promise<void> {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const args = parseCommandArguments(modelsCommand, ['add', ...argv]);
  expect(await modelsCommand.run(args, new AbortController().signal)).toBe(0);
}

/** Runs a stream that detects so, until `isDone` says so; fails with the stream's own failure. */
async function runUntil(detect: object, isDone: () => boolean, report: (report: StreamReport) => void): Promise<void> {
  const stopping = new AbortController();
  const config = streamSchema.parse({
    source: { url: 'test:' },
    output: { width: 640, height: 360, fps: 30 },
    detect,
    reid: { mode: 'off' },
  });
  const running = LiveStream.run(
    {
      ...{ config, report, logger: createLogger({ level: 'error' }) },
      gpu: gatewaySchema.parse({ gpu: { use: 'off' } }).gpu,
      video: video.destination,
      audio: audio.destination,
    },
    stopping.signal,
    () => undefined,
  );
  running.catch(() => undefined);
  try {
    const untilMs = performance.now() + PATIENCE_MS;
    while (!isDone() && performance.now() < untilMs) await Promise.race([delay(50), running]);
  } finally {
    stopping.abort();
    await running;
  }
}

it('gives people of a detector without keypoints heads and gazes, in status and overlay', async () => {
  const statuses: StreamStatus[] = [];
  const overlays: OverlayFrame[] = [];
  const isTwo = ({ people, poses }: StreamStatus): boolean =>
    people.length === 2 && people.every(({ head }) => head !== undefined) && (poses?.skipped ?? 0) > 0;
  const isShown = ({ boxes }: OverlayFrame): boolean => boxes.filter(({ slot }) => slot !== undefined).length >= 2;

  await runUntil(
    { model: 'people', pose: 'rtmpose-m' },
    () => statuses.some(isTwo) && overlays.some(isShown),
    (report) => {
      if (report.type === 'status') statuses.push(report.status);
      if (report.type === 'overlay') overlays.push(report.overlay);
    },
  );

  const status = statuses.findLast(isTwo);
  const scale = status!.source.width! / SIDE;
  const people = [...status!.people].sort((a, b) => a.box.x - b.box.x);
  for (const [i, { head, gaze, box }] of people.entries()) {
    const { x, y } = BODIES[i]!;
    expect(gaze).toBe('right');
    expect(box.height).toBeCloseTo(BODIES[i]!.height * scale, 0);
    // The crop is 1.25 times as high as the body; points of the head are at (97.6, 66) of 192×256.
    const ratio = (1.25 * 240) / 256;
    expect((head!.x + head!.width / 2) / scale).toBeCloseTo(x + ratio * (97.6 + 0.5 - 96), 0);
    expect((head!.y + head!.height / 2) / scale).toBeCloseTo(y - 140 + ratio * (66 + 0.5 - 128), 0);
  }
  expect(status!.poses!.computed).toBeGreaterThanOrEqual(2);
  expect(status!.frames.detected).toBeLessThanOrEqual(status!.poses!.computed + status!.poses!.skipped);
  expect(
    overlays
      .findLast(isShown)!
      .boxes.map(({ slot }) => slot)
      .sort(),
  ).toEqual([0, 1]);
}, 120_000);

it.each([
  [{ model: 'rtmpose-m' }, 'rtmpose-m finds the keypoints of one person at a time and is no detector; set detect.pose'],
  [
    { model: 'blazeface', pose: 'rtmpose-m' },
    'reads the keypoints of whole people, and the detector, blazeface, finds faces',
  ],
])(
  'does not begin where it is used wrongly, and says what to do: %j',
  async (detect, message) => {
    await expect(
      runUntil(
        detect,
        () => false,
        () => undefined,
      ),
    ).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining(message) as unknown,
    });
  },
  60_000,
);
