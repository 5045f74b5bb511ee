import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { StreamView } from '#src/shared/domain/stream-status.js';
import { camera, closing } from './cameras/source.js';
import { SMALL_STREAM, startRunningGateway, type RunningGateway } from './running-gateway.js';

const run = promisify(execFile);

let gateway: RunningGateway;
let folder = '';
let id = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-status-'));
  gateway = await startRunningGateway();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

/** A stream with this source once its status has an error with this code; it is deleted again. */
async function failing(source: object, code: string): Promise<StreamView> {
  const name = `s${(id += 1)}`;
  const started = (await gateway.call('POST', '', { ...SMALL_STREAM, id: name, source })) as StreamView;
  expect(started).toMatchObject({ state: 'connecting', error: { code: 'DIPTYCH_E_NOT_READY' } });
  const view = await gateway.until(name, ({ error }) => error?.code === code);
  await gateway.call('DELETE', `/${name}`);
  return view;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const isLater = ({ error }: StreamView, byS: number): boolean => {
  const inS = (Date.parse(error?.nextTryAt ?? '') - Date.now()) / 1000;
  return inS > byS - 20 && inS <= byS + 1;
};

it('a camera that nobody answers for is told with its code, what to do, and the next try', async () => {
  const view = await failing({ url: `rtsp://127.0.0.1:${await freePort()}/cam` }, 'DIPTYCH_E_SOURCE_REFUSED');

  expect(view).toMatchObject({
    state: 'connecting',
    error: { message: expect.stringMatching('check that') as string },
  });
  expect(isLater(view, 5)).toBe(true);
});

it('a name that nobody knows, a wrong path, too many viewers', async () => {
  const gone = await camera({ statusAt: { DESCRIBE: '404 Not Found' } });
  const busy = await camera({ statusAt: { SETUP: '453 Not Enough Bandwidth' } });

  const views = [
    await failing({ url: 'rtsp://camera.invalid/cam' }, 'DIPTYCH_E_SOURCE_NAME'),
    await failing({ url: gone.url }, 'DIPTYCH_E_SOURCE_PATH'),
    await failing({ url: busy.url }, 'DIPTYCH_E_SOURCE_BUSY'),
  ];

  expect(views.map(({ state, error }) => [state, error?.nextTryAt !== undefined])).toEqual(
    Array(3).fill(['connecting', true]),
  );
});

it('a wrong password is a state of its own, and tried again after half a minute', async () => {
  const { url } = await camera({ auth: { user: 'a', password: 'b', schemes: ['md5'] } });

  const view = await failing({ url, user: 'a', password: 'wrong' }, 'DIPTYCH_E_SOURCE_AUTH');

  expect(view.state).toBe('unauthorized');
  expect(isLater(view, 30)).toBe(true);
});

it('a file that is missing is refused where it is given, and failed where it goes later', async () => {
  const missing = { ...SMALL_STREAM, id: 'none', source: { url: join(folder, 'none.mp4') } };
  const clip = join(folder, 'clip.mp4');
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=15:duration=4', clip]);

  await expect(gateway.call('POST', '', missing)).rejects.toThrow(/source\.url: there is no file .*none\.mp4/);
  await gateway.call('POST', '', { ...SMALL_STREAM, id: 'file', source: { url: clip, loop: false } });
  await gateway.until('file', ({ state }) => state === 'live');
  await rm(clip);
  const failed = await gateway.until('file', ({ error }) => error?.code === 'DIPTYCH_E_SOURCE_FILE');

  expect(failed).toMatchObject({ state: 'failed', error: { nextTryAt: expect.any(String) as string } });
  await gateway.call('DELETE', '/file');
});

it.each(['ftp://camera/video', 'rtmp://camera/live', 'file:relative.mp4'])('%s is refused as a source', async (url) => {
  await expect(gateway.call('POST', '', { ...SMALL_STREAM, id: 'bad', source: { url } })).rejects.toThrow(
    /source\.url/,
  );
});
