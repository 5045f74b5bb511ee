import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer } from './fixture/test-gateway.js';

const TOKENS = { view: 'view-view-view', operate: 'operate-operate', admin: 'admin-admin-admin' };
/** All that is inner: names of hosts, their addresses, paths. */
const INNER = /inner|127\.9\.|closet/;
/** What says that the real stream processes have tried everything. */
const FAILURES = ['DIPTYCH_E_SOURCE_NAME', 'DIPTYCH_E_TARGET', 'DIPTYCH_E_SOURCE_REFUSED'];

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
let folder: string;

beforeAll(async () => {
  viewer = await buildTestViewer();
  folder = await mkdtemp(join(tmpdir(), 'diptych-hidden-'));
  const text = `
http: { port: 0 }
webrtc: { minPort: 43000, maxPort: 43400 }
log: { level: error }
recordings: { folder: ${folder} }
access:
  token: ${TOKENS.admin}
  tokens:
    - { name: wall, role: view, token: ${TOKENS.view} }
    - { name: desk, role: operate, token: ${TOKENS.operate} }
streams:
  - { id: hall, source: { url: "rtsp://camera.inner.invalid/closet" } }
  - { id: door, source: { url: "rtsp://127.9.9.9:1/closet" } }
  - id: people
    source: { url: "test:people" }
    targets: [{ id: tv, url: "rtmp://live.inner.invalid/closet/key" }, { id: wall, url: "srt://127.9.9.8:9?streamid=x" }]
`;
  gateway = await startGateway(parseConfig({ text, fileName: 'test' }), {
    logger: createLogger({ level: 'error', format: 'json' }),
    viewerDirectory: viewer.directory,
  });
  await vi.waitFor(
    async () => {
      const told = await textOf('/api/v1/streams', TOKENS.admin);
      for (const failure of FAILURES) expect(told).toContain(failure);
    },
    { timeout: 60_000, interval: 250 },
  );
}, 90_000);

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
  await rm(folder, { recursive: true, maxRetries: 5 });
});

const ask = (path: string, token: string, init: RequestInit = {}): Promise<Response> =>
  fetch(gateway.url + path, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(20_000),
  });
const textOf = async (path: string, token: string): Promise<string> => (await ask(path, token)).text();

async function guest(stream: string, role: 'view' | 'operate'): Promise<string> {
  const body = JSON.stringify({ stream, role });
  const answer = await ask('/api/v1/guest-links', TOKENS.operate, { method: 'POST', body });
  return ((await answer.json()) as { token: string }).token;
}

/** Every path that is read with a role that is not that of an administrator, for each stream. */
async function readPaths(): Promise<string[]> {
  const document = JSON.parse(await textOf('/openapi.json', TOKENS.view)) as {
    paths: Record<string, { get?: { 'x-required-role': string } }>;
  };
  const read = Object.entries(document.paths).filter(([, { get }]) => get && get['x-required-role'] !== 'admin');
  return read
    .map(([path]) => path)
    .filter((path) => !path.endsWith('snapshot.jpg'))
    .flatMap((path) => ['hall', 'door', 'people'].map((id) => path.replace(/\{\w+\}/, id)));
}

/** What a WebSocket is told of a stream until its status has come. */
async function toldOverSocket(token: string, streamId: string): Promise<string> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws`, {
    headers: { authorization: `Bearer ${token}` },
  });
  let told = '';
  socket.on('message', (data: Buffer) => (told += `${data.toString()}\n`));
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ id: 1, type: 'hello', version: 2 }));
  socket.send(JSON.stringify({ id: 2, type: 'subscribe', streamId }));
  await vi.waitFor(() => expect(told).toContain('"type":"status"'), { timeout: 20_000 });
  socket.terminate();
  return told;
}

/** Server-sent events, those that are kept. */
async function toldAsEvents(token: string, streamId: string): Promise<string> {
  const response = await fetch(`${gateway.url}/api/v1/streams/${streamId}/events`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let told = '';
  while (!told.includes('"kind":"added"')) told += (await reader.read()).value ?? '';
  await reader.cancel();
  return told;
}

describe('where sources and targets are', () => {
  it('no path tells a token with role view', async () => {
    const paths = await readPaths();
    const told = await Promise.all(paths.map(async (path) => [path, await textOf(path, TOKENS.view)] as const));

    expect(paths.length).toBeGreaterThan(20);
    expect(told.filter(([, text]) => INNER.test(text))).toEqual([]);
  });

  it.each(['hall', 'door', 'people'])('neither page nor WebSocket nor events tell who only watches %s', async (id) => {
    const tokens = [TOKENS.view, await guest(id, 'view'), await guest(id, 'operate')];
    const told = await Promise.all(
      tokens.flatMap((token) => [
        textOf(`/s/${id}`, token),
        textOf(`/api/v1/streams/${id}`, token),
        toldOverSocket(token, id),
        toldAsEvents(token, id),
      ]),
    );

    expect(told.filter((text) => INNER.test(text))).toEqual([]);
  });

  it('a guest who operates is not told after a change either', async () => {
    const token = await guest('people', 'operate');
    const change = { method: 'PATCH', body: JSON.stringify({ people: { names: ['Anna'] } }) };
    const changed = await ask('/api/v1/streams/people', token, change);
    const text = await changed.text();

    expect(changed.status).toBe(200);
    expect(text).toContain('rtmp://***');
    expect(text).not.toMatch(INNER);
  });

  it('is told those who operate, with words that say more than the code', async () => {
    const told = await Promise.all([
      textOf('/api/v1/streams', TOKENS.operate),
      toldOverSocket(TOKENS.operate, 'hall'),
      toldAsEvents(TOKENS.operate, 'hall'),
    ]);

    expect(told.map((text) => text.includes('camera.inner.invalid'))).toEqual([true, true, true]);
    expect(told[0]).toContain('rtmp://live.inner.invalid');
  });

  it('leaves kinds, states and codes to those who watch', async () => {
    const streams = JSON.parse(await textOf('/api/v1/streams', TOKENS.view)) as Record<string, unknown>[];

    expect(streams).toMatchObject([
      {
        id: 'hall',
        source: { url: 'rtsp://***' },
        error: { code: 'DIPTYCH_E_SOURCE_NAME', message: 'the host name of the source is not known' },
      },
      { id: 'door', source: { url: 'rtsp://***' } },
      { id: 'people', source: { url: 'test:people' }, targets: [{ url: 'rtmp://***' }, { url: 'srt://***' }] },
    ]);
  });
});
