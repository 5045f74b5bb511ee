import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SoftCamera } from '../integration/soft-camera.js';
import { HttpCamera, jpegPictures, sendMjpeg } from '../integration/stream/stages/ingest/http-camera.js';
import { HlsServer } from '../integration/stream/stages/ingest/hls-server.js';
import { SMALL_STREAM, startRunningGateway, type RunningGateway } from './running-gateway.js';
import { startScriptedRtmpServer } from './scripted-rtmp-server.js';

const closing: (() => unknown)[] = [];
let pictures: Buffer[] = [];

beforeAll(() => {
  pictures = jpegPictures();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A camera, as `source.url` has it, which can be pulled and put back. */
interface Camera {
  readonly url: string;
  readonly options?: object;
  readonly environment?: Readonly<Record<string, string>>;
  readonly pull: () => unknown;
  readonly putBack: () => unknown;
}

async function mjpegCamera(): Promise<Camera> {
  const answer = (_: unknown, response: Parameters<typeof sendMjpeg>[0]): void => sendMjpeg(response, pictures);
  let camera = await new HttpCamera(answer).listen();
  const { port } = camera;
  closing.push(() => camera.close());
  return {
    url: camera.url('/video'),
    pull: () => camera.close(),
    putBack: async () => {
      camera = await new HttpCamera(answer).listen(port);
    },
  };
}

async function hlsCamera(): Promise<Camera> {
  const server = await new HlsServer().listen();
  closing.push(() => server.close());
  await server.encode('main');
  return {
    url: server.url(),
    pull: () => server.kill('main'),
    putBack: () => server.encode('main'),
  };
}

function device(format: string): Camera {
  const camera = new SoftCamera();
  closing.push(() => camera.close());
  return {
    ...{ url: `v4l2:${camera.device}`, options: { v4l2: { format } }, environment: camera.environment },
    pull: () => camera.set('plugged', false),
    putBack: () => camera.set('plugged', true),
  };
}

async function start({ environment = {} }: Camera): Promise<RunningGateway> {
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    const gateway = await startRunningGateway();
    closing.push(() => gateway.stop());
    return gateway;
  } finally {
    for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
  }
}

describe('a camera that goes away and comes back', () => {
  it.each([
    ['Motion JPEG over HTTP', mjpegCamera, 'Motion JPEG', 'http:'],
    ['HLS', hlsCamera, 'H.264', 'http:'],
    ['V4L2 with Motion JPEG', () => device('mjpeg'), 'Motion JPEG', 'v4l2:'],
    ['V4L2 with H.264', () => device('h264'), 'H.264', 'v4l2:'],
    ['V4L2 with plain pixels', () => device('raw'), 'raw', 'v4l2:'],
  ] as const)('%s: is live again, while the target is not disturbed', async (_, make, codec, scheme) => {
    const camera: Camera = await make();
    const gateway = await start(camera);
    const server = await startScriptedRtmpServer();
    closing.push(() => server.close());
    const source = { url: camera.url, timeoutS: 1, ...camera.options };
    const target = { url: `rtmp://127.0.0.1:${server.port}/app/key` };
    await gateway.call('POST', '', { ...SMALL_STREAM, id: 'main', source, targets: [target] });
    const first = await gateway.until(
      'main',
      ({ state, targets, source: { audio } }) =>
        state === 'live' && targets[0]?.state === 'live' && audio !== undefined,
    );
    const pid = await gateway.streamPid();

    await camera.pull();

    const away = await gateway.until('main', ({ state }) => state === 'offline');
    const bytes = away.targets[0]?.bytes ?? 0;
    await camera.putBack();
    const again = await gateway.until('main', ({ state }) => state === 'live');
    await delay(1000);
    const after = await gateway.view('main');
    expect(first.source).toMatchObject({ codec, audio: codec === 'H.264' && scheme === 'http:' ? 'AAC' : 'none' });
    expect(away.error).toMatchObject({ code: expect.stringMatching(/^DIPTYCH_E_SOURCE_/) as string });
    expect(again.error).toBeUndefined();
    expect(after.targets[0]).toMatchObject({ state: 'live', retries: 0 });
    expect(after.targets[0]?.bytes).toBeGreaterThan(bytes);
    expect(await gateway.streamPid()).toBe(pid);
  });
});
