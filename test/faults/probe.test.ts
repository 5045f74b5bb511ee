import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OddCameraOptions } from './cameras/odd-camera.js';
import { camera, closing } from './cameras/source.js';
import { startRunningGateway, type RunningGateway } from './running-gateway.js';

const AUTH = { user: 'admin', password: 'geheim-7', schemes: ['md5'] } as const;
const LIMIT_MS = 30_000;

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startRunningGateway();
});

afterAll(async () => {
  await gateway.stop();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Record<string, unknown>;
}

async function probe(source: object, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(`${gateway.url}/api/v1/probe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(source),
    ...(signal && { signal }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
}

/** Command lines of the processes of the gateway that try a source. */
async function probes(): Promise<string[]> {
  const children = await readFile(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8');
  const pids = new Set(children.trim().split(' '));
  const lines = await Promise.all(
    (await readdir('/proc'))
      .filter((pid) => pids.has(pid))
      .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes('probe-main'));
}

const untilNoProbe = (): Promise<void> =>
  vi.waitFor(async () => expect(await probes()).toEqual([]), { timeout: LIMIT_MS, interval: 50 });

it('tells what a camera sends, with a picture, and leaves nothing behind', async () => {
  const { url, sessions } = await camera({ auth: AUTH, tracks: [{ kind: 'h264' }, { kind: 'pcma' }] });

  const { status, body } = await probe({ url, user: AUTH.user, password: AUTH.password });

  expect({ status, body }).toMatchObject({
    status: 200,
    body: {
      url,
      codec: 'H.264',
      audio: 'G.711 A-law',
      transport: 'tcp',
      decoder: expect.stringMatching(/264/) as string,
      decoderReason: expect.any(String) as string,
      tracks: [{ kind: 'video', isTaken: true }, { kind: 'audio' }],
    },
  });
  expect([body['width'], body['height'], body['fps']].every((figure) => Number(figure) > 0)).toBe(true);
  const [, base64 = ''] = String(body['thumbnail']).split('data:image/jpeg;base64,');
  const jpeg = Buffer.from(base64, 'base64');
  expect([jpeg.readUInt16BE(0), jpeg.readUInt16BE(jpeg.length - 2)]).toEqual([0xffd8, 0xffd9]);
  expect(JSON.stringify(body)).not.toContain(AUTH.password);
  await untilNoProbe();
  expect(sessions.size).toBe(0);
  expect(await gateway.call('GET', '')).toEqual([]);
});

it.each([
  ['the test picture', { url: 'test:' }, { width: 1280, height: 720, fps: 30, decoder: 'none' }],
  ['a file', { url: 'test:people' }, { width: 1920, height: 1080, fps: 30, codec: 'H.264', audio: 'AAC' }],
])('%s', async (_name, source, expected) => {
  expect(await probe(source)).toMatchObject({ status: 200, body: expected });
});

describe('a source that does not work is told as a stream would say it', () => {
  it.each<[string, Partial<OddCameraOptions>, object, string]>([
    ['no password', { auth: AUTH }, {}, 'DIPTYCH_E_SOURCE_AUTH'],
    ['a wrong password', { auth: AUTH }, { user: 'admin', password: 'falsch-8' }, 'DIPTYCH_E_SOURCE_AUTH'],
    ['no such path', { statusAt: { DESCRIBE: '404 Not Found' } }, {}, 'DIPTYCH_E_SOURCE_PATH'],
    ['too many viewers', { statusAt: { SETUP: '453 Not Enough Bandwidth' } }, {}, 'DIPTYCH_E_SOURCE_BUSY'],
    ['no pictures', { tracks: [{ kind: 'pcma' }] }, {}, 'DIPTYCH_E_SOURCE_FORMAT'],
    ['no packets', { isPaused: true }, { timeoutS: 1 }, 'DIPTYCH_E_SOURCE_SILENT'],
  ])('%s', async (_name, options, more, code) => {
    const { url } = await camera(options);

    const { status, body } = await probe({ url, ...more });

    expect({ status, body }).toMatchObject({ status: 422, body: { error: { code } } });
    expect(JSON.stringify(body)).not.toContain('falsch-8');
  });

  it.each([
    ['nothing there', { url: 'rtsp://127.0.0.1:1/x' }, 422, 'DIPTYCH_E_SOURCE_REFUSED'],
    ['no such host', { url: 'rtsp://camera.invalid/x' }, 422, 'DIPTYCH_E_SOURCE_NAME'],
    ['no such file', { url: `${tmpdir()}/no/such/file.mp4` }, 422, 'DIPTYCH_E_SOURCE_FILE'],
    ['a file that may not be named', { url: '/etc/passwd' }, 403, 'DIPTYCH_E_FILE_NOT_ALLOWED'],
    ['what is published', { url: 'whip:' }, 422, 'DIPTYCH_E_SOURCE_UNPUBLISHED'],
    ['no address', { url: 'nonsense://x' }, 400, 'DIPTYCH_E_BAD_INPUT'],
    ['no URL', {}, 400, 'DIPTYCH_E_BAD_INPUT'],
    ['a misspelt option', { url: 'test:', uzer: 'a' }, 400, 'DIPTYCH_E_BAD_INPUT'],
    ['a variable', { url: 'test:', password: '${HOME}' }, 400, 'DIPTYCH_E_BAD_INPUT'],
    ['a file with a secret', { url: 'test:', passwordFile: '/etc/passwd' }, 400, 'DIPTYCH_E_BAD_INPUT'],
    ['no such stream', { url: 'test:', stream: 'nosuch' }, 404, 'DIPTYCH_E_NOT_FOUND'],
  ])('%s', async (_name, source, status, code) => {
    expect(await probe(source)).toMatchObject({ status, body: { error: { code } } });
  });
});

it('a masked secret stands for that of the stream it belongs to', async () => {
  const { url } = await camera({ auth: AUTH });
  await gateway.call('POST', '', { id: 'hall', source: { url, user: AUTH.user, password: AUTH.password } });

  try {
    const masked = { url, user: AUTH.user, password: '***' };
    expect(await probe({ ...masked, stream: 'hall' })).toMatchObject({ status: 200, body: { codec: 'H.264' } });
    expect(await probe(masked)).toMatchObject({ status: 400, body: { error: { code: 'DIPTYCH_E_BAD_INPUT' } } });
  } finally {
    await gateway.call('DELETE', '/hall');
  }
});

it('few are tried at once, no password is in the list of processes, and who goes away ends it', async () => {
  const { url } = await camera({ isPaused: true });
  const gone = new AbortController();
  const source = { url, user: AUTH.user, password: AUTH.password, timeoutS: 60 };
  const waiting = [probe(source, gone.signal), probe(source, gone.signal)].map((each) => each.catch(() => 'gone'));
  await vi.waitFor(async () => expect(await probes()).toHaveLength(2), { timeout: LIMIT_MS, interval: 20 });

  const third = await probe({ url: 'test:' });
  const lines = (await probes()).join('\n');
  gone.abort();
  const ends = await Promise.all(waiting);
  await untilNoProbe();

  expect(third).toMatchObject({ status: 429, body: { error: { code: 'DIPTYCH_E_LIMIT_PROBES' } } });
  expect(Number(third.retryAfter)).toBeGreaterThan(0);
  expect(lines).not.toContain(AUTH.password);
  expect(ends).toEqual(['gone', 'gone']);
  // A killed process is gone from the system's list shortly before its gateway hears of its end and frees its place.
  await vi.waitFor(async () => expect((await probe({ url: 'test:' })).status).toBe(200), { timeout: LIMIT_MS });
});
