import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { OddCamera } from './cameras/odd-camera.js';
import type { OddTrackOptions } from './cameras/odd-tracks.js';
import { MEASURED_S, RATE, toneOf, type Tone } from './cameras/tone.js';
import { camera, closing, playing } from './cameras/source.js';
import { startRunningGateway, type RunningGateway } from './running-gateway.js';

const CODECS = [
  { kind: 'pcmu', hz: 610, name: 'G.711 µ-law' },
  { kind: 'pcma', hz: 640, name: 'G.711 A-law' },
  { kind: 'l16', hz: 670, name: 'PCM 16 bit' },
  { kind: 'aac', hz: 700, name: 'AAC' },
  { kind: 'g722', hz: 730, name: 'G.722' },
  { kind: 'gsm', hz: 760, name: 'GSM' },
  { kind: 'g726-16', hz: 790, name: 'G.726, 16 kbit/s' },
  { kind: 'g726-24', hz: 820, name: 'G.726, 24 kbit/s' },
  { kind: 'g726-32', hz: 850, name: 'G.726, 32 kbit/s' },
  { kind: 'g726-40', hz: 880, name: 'G.726, 40 kbit/s' },
  { kind: 'aal2-g726-32', hz: 910, name: 'G.726, 32 kbit/s' },
  { kind: 'aal2-g726-24', hz: 920, name: 'G.726, 24 kbit/s' },
  { kind: 'aal2-g726-40', hz: 930, name: 'G.726, 40 kbit/s' },
  { kind: 'mp2', hz: 940, name: 'MPEG audio' },
  { kind: 'mp3', hz: 970, name: 'MPEG audio' },
  { kind: 'ac3', hz: 1000, name: 'AC-3' },
  { kind: 'opus', hz: 1030, name: 'Opus' },
] as const satisfies readonly (OddTrackOptions & { name: string })[];

const PICTURE = { kind: 'h264', size: '320x180', fps: 10, gop: 10, seconds: 4 } as const;
const PLAYED_MS = 6000;
const WAIT = { timeout: 30_000, interval: 100 };

let server: RtmpServer;
let gateway: RunningGateway;

beforeAll(async () => {
  server = await startRtmpServer();
  gateway = await startRunningGateway();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await gateway.stop();
  await server.stop();
});

/** What a source says of the sound of a camera, and what comes out of it. */
async function decoded(track: OddTrackOptions): Promise<{ readonly audio: string | undefined; readonly tone: Tone }> {
  const { url } = await camera({ tracks: [PICTURE, track] });
  const { session, info } = await playing(url);
  const folder = await mkdtemp(join(tmpdir(), 'diptych-tone-'));
  const file = join(folder, 'samples.raw');
  const graph = await Graph.fromLaunch(
    `# {graph} string: id
     # {file} string: path
     diptychsrc graph={graph} name=sound ! filesink sync=false location={file}`,
    { file },
  );
  closing.push(
    () => graph.close(),
    () => rm(folder, { recursive: true }),
  );
  loadAddon().link(session.audio, { graphId: graph.id, element: 'sound' }, { maxQueueMs: 500, startOnKeyframe: false });
  graph.play();
  const enough = MEASURED_S * RATE * 4;
  await vi.waitFor(async () => expect((await stat(file)).size).toBeGreaterThan(2 * enough), WAIT);
  return { audio: info.audio, tone: await toneOf(['-f', 's16le', '-ar', String(RATE), '-ac', '2', '-i', file]) };
}

/** What a stream says of the sound of a camera, and what its output sounds like. */
async function published(track: OddTrackOptions): Promise<{ readonly audio: string | undefined; readonly tone: Tone }> {
  const odd = await OddCamera.start({ tracks: [PICTURE, track] });
  const id = `sound-${track.kind}`;
  try {
    await gateway.call('POST', '', {
      id,
      source: { url: odd.url },
      output: { width: 320, height: 180, fps: 10, bitrateKbps: 300, preset: 'ultrafast', gopS: 1 },
      detect: { maxFps: 1 },
      targets: [{ id: 'nginx', url: server.url(id) }],
    });
    await gateway.until(id, ({ state, targets }) => state === 'live' && targets[0]?.state === 'live', 90);
    await delay(PLAYED_MS);
    const { source } = await gateway.view(id);
    await gateway.call('DELETE', `/${id}`);
    const [recording = ''] = await server.recordings(id);
    return { audio: source.audio, tone: await toneOf(['-i', recording]) };
  } finally {
    await odd.stop();
  }
}

it.each(CODECS)('$kind is decoded', async ({ name, ...track }) => {
  const { audio, tone } = await decoded(track);

  expect(audio).toBe(name);
  expect(tone.hz).toBe(track.hz);
  expect(tone.share).toBeGreaterThan(0.9);
  expect(tone.level).toBeGreaterThan(0.1);
});

it.each(CODECS.filter(({ kind }) => kind === 'g726-24' || kind === 'opus'))(
  '$kind is heard in the output',
  async ({ name, ...track }) => {
    const { audio, tone } = await published(track);

    expect(audio).toBe(name);
    expect(tone.hz).toBe(track.hz);
    expect(tone.share).toBeGreaterThan(0.5);
    expect(tone.level).toBeGreaterThan(0.05);
  },
);
