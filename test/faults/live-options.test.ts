import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FlvScanner } from '#src/bench/flv-scanner.js';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import { toSchemaNode, type SchemaNode } from '#src/shared/config/json-schema.js';
import { streamSchema } from '#src/shared/config/schema.js';
import { packagePath } from '#src/shared/package-root.js';
import { isShowing, type StreamView } from '#src/shared/domain/stream-status.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { STILL_SCENE } from '#src/test-camera/scenes.js';
import { startTestCamera, type TestCamera } from '#src/test-camera/test-camera.adapter.js';
import { startRunningGateway, type RunningGateway } from './running-gateway.js';

const ID = 'live';
const FPS = 15;

let rtmp: RtmpServer;
let gateway: RunningGateway;
let camera: TestCamera;

beforeAll(async () => {
  const file = await renderScene(STILL_SCENE);
  [rtmp, gateway, camera] = await Promise.all([startRtmpServer(), startRunningGateway(), startTestCamera({ file })]);
  await gateway.call('POST', '', {
    id: ID,
    source: { url: camera.url },
    output: { width: 640, height: 360, fps: FPS, bitrateKbps: 1500, preset: 'ultrafast', gopS: 1 },
    targets: [{ id: 'tv', url: rtmp.url(ID) }],
  });
  await gateway.until(ID, ({ people, targets }) => people.length === 2 && targets[0]?.state === 'live', 200);
}, 240_000);

afterAll(async () => {
  await gateway.stop();
  await camera.stop();
  await rtmp.stop();
});

const trackIds = ({ people }: StreamView): number[] => people.map(({ trackId }) => trackId).sort((a, b) => a - b);

interface Received {
  readonly files: number;
  /** Of every picture, ms. */
  readonly timesMs: number[];
  readonly bytes: number;
}

/** What the server has of the stream: a file for each connection. */
async function received(): Promise<Received> {
  const files = await rtmp.recordings(ID);
  const timesMs: number[] = [];
  let bytes = 0;
  const scanner = new FlvScanner((tag) => {
    if (tag.kind === 'video' && tag.isMedia) timesMs.push(tag.timeMs);
    if (tag.kind === 'video') bytes += tag.bytes;
  });
  scanner.add(await readFile(files[0] ?? ''));
  return { files: files.length, timesMs, bytes };
}

/** The encoder gives each picture its share, whatever pictures are left out: of so many pictures, kbit/s. */
const kbpsOf = (bytes: number, pictures: number): number => (bytes * 8 * FPS) / 1000 / pictures;

const stepsOf = (timesMs: readonly number[]): number[] =>
  timesMs.slice(1).map((time, index) => time - (timesMs[index] ?? 0));

/** Changes options, and waits until pictures that were made with them have arrived. */
async function change(
  patch: object,
  live: readonly string[],
): Promise<{ before: StreamView; after: StreamView; pid: number }> {
  const before = await gateway.view(ID);
  const pid = await gateway.streamPid();
  const answer = (await gateway.call('PATCH', `/${ID}`, patch)) as { changed: { live: string[]; restart: string[] } };
  expect(answer.changed).toEqual({ live, restart: [] });
  await delay(2500);
  expect(await gateway.streamPid()).toBe(pid);
  return { before, after: await gateway.view(ID), pid };
}

const CASES: readonly (readonly [string, object, readonly string[]])[] = [
  ['names of people', { people: { names: ['Anna', 'Ben'] } }, ['people.names']],
  [
    'people who are left out',
    {
      people: {
        leaveOut: ['Carla', 9999],
        zone: [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
        ],
        leaveOutZones: [
          [
            [0, 0],
            [0.05, 0],
            [0, 0.05],
          ],
        ],
      },
    },
    ['people.leaveOut', 'people.zone', 'people.leaveOutZones'],
  ],
  ['names', { slots: { labels: ['Anna', 'Ben'] } }, ['slots.labels']],
  [
    'tiles',
    { slots: { mode: 'identity', smoothingS: 0.8, marginRatio: 0.1 } },
    ['slots.mode', 'slots.smoothingS', 'slots.marginRatio'],
  ],
  [
    'framing',
    { framing: { headRatio: 0.3, headroomRatio: 0.2, smoothingS: 1, maxZoom: 2 } },
    ['framing.headroomRatio', 'framing.headRatio', 'framing.smoothingS', 'framing.maxZoom'],
  ],
  ['lines', { framing: { borderPx: 8, borderColour: '#ff0000' } }, ['framing.borderPx', 'framing.borderColour']],
  [
    'edges of tiles',
    { framing: { cornerPx: 24, marginPx: 16, backgroundColour: '#203040' } },
    ['framing.cornerPx', 'framing.marginPx', 'framing.backgroundColour'],
  ],
  ['layout', { framing: { holdS: 3, transitionS: 0.2 } }, ['framing.holdS', 'framing.transitionS']],
  [
    'detection',
    { detect: { maxFps: 8, calmFps: 3, scoreThreshold: 0.2, nmsIou: 0.4 } },
    ['detect.maxFps', 'detect.calmFps', 'detect.scoreThreshold', 'detect.nmsIou'],
  ],
  [
    'tracking',
    { track: { highScore: 0.5, newScore: 0.65, matchCost: 0.85, lostS: 2 } },
    ['track.highScore', 'track.newScore', 'track.matchCost', 'track.lostS'],
  ],
  ['identities', { reid: { mode: 'always', riskThreshold: 0.4 } }, ['reid.mode', 'reid.riskThreshold']],
  [
    'shots',
    { shots: { preset: 'lively', minS: 1, transition: 'cut' } },
    ['shots.preset', 'shots.minS', 'shots.transition'],
  ],
  ['four tiles', { slots: { maxTiles: 4 } }, ['slots.maxTiles']],
];

it.each(CASES)('%s apply while the stream runs: people keep their numbers', async (_name, patch, live) => {
  const { before, after } = await change(patch, live);

  expect(trackIds(before)).toHaveLength(2);
  expect(trackIds(after)).toEqual(trackIds(before));
  expect(isShowing(after.state)).toBe(true);
});

it('the bitrate changes at the target, in the same connection', async () => {
  const before = await received();

  const { after } = await change({ output: { bitrateKbps: 500 } }, ['output.bitrateKbps']);
  const changed = await received();
  await delay(6000);
  const later = await received();

  const beforeKbps = kbpsOf(before.bytes, before.timesMs.length);
  const kbps = kbpsOf(later.bytes - changed.bytes, later.timesMs.length - changed.timesMs.length);
  const others = Math.max(...stepsOf(before.timesMs).slice(5), ...stepsOf(later.timesMs.slice(changed.timesMs.length)));
  const around = later.timesMs.slice(before.timesMs.length - 5, changed.timesMs.length);
  expect(after.output.bitrateKbps).toBe(500);
  expect(beforeKbps).toBeGreaterThan(1000);
  expect(kbps).toBeLessThan(700);
  // A machine that is busy leaves out pictures at all times; the change does not make it worse.
  expect(Math.max(...stepsOf(around))).toBeLessThanOrEqual(Math.max(others, 500));
});

/** Options that are live and are changed while a stream runs by other tests, by the beginning of their name. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  id: 'test/faults/state-kept.test.ts',
  source: 'test/faults/source-change.test.ts',
  'output.bitrateKbps': 'test/faults/live-options.test.ts',
  record: 'test/faults/recording.test.ts',
  targets: 'test/faults/commands-during-start.test.ts',
};

it('every option that the schema calls live is changed by a test while a stream runs', async () => {
  const live: string[] = [];
  const visit = (node: SchemaNode, path: readonly string[]): void => {
    if (node.live === true) live.push(path.join('.'));
    else for (const [key, option] of Object.entries(node.properties ?? {})) visit(option, [...path, key]);
  };
  visit(toSchemaNode(streamSchema), []);
  const tried = new Set(CASES.flatMap(([, , options]) => options));
  const isElsewhere = (name: string): boolean =>
    Object.keys(ELSEWHERE).some((known) => name === known || name.startsWith(`${known}.`));

  expect(live.length).toBeGreaterThan(30);
  expect(
    live.filter((name) => !tried.has(name) && !isElsewhere(name)),
    'live, and changed by no test',
  ).toEqual([]);
  expect(
    [...tried].filter((name) => !live.includes(name)),
    'changed, and not live',
  ).toEqual([]);
  for (const [name, file] of Object.entries(ELSEWHERE))
    expect(await readFile(packagePath(file), 'utf8'), file).toMatch(
      new RegExp(`PATCH.*\\b${name.split('.').at(-1)}\\b`, 's'),
    );
});

it('a mistake among changes changes nothing', async () => {
  const before = await gateway.view(ID);

  await expect(
    gateway.call('PATCH', `/${ID}`, { output: { bitrateKbps: 900 }, slots: { maxTiles: 9 } }),
  ).rejects.toThrow(/400 .*slots\.maxTiles/);

  expect((await gateway.view(ID)).output).toEqual(before.output);
});

it('through all of it there was one connection', async () => {
  const { files, timesMs } = await received();
  const { targets } = await gateway.view(ID);

  expect(files).toBe(1);
  expect(targets).toMatchObject([{ state: 'live', retries: 0 }]);
  expect(Math.min(...stepsOf(timesMs).slice(5))).toBeGreaterThan(0);
});
