import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '../integration/gateway/fixture/test-client.js';
import { LimitsClient, serve, serveRedirects, type Answer } from './limits-client.js';
import { SMALL_STREAM, startRunningGateway, type RunningGateway } from './running-gateway.js';
import { startScriptedRtmpServer, type ScriptedRtmpServer } from './scripted-rtmp-server.js';

const METADATA = 'http://169.254.169.254/latest/meta-data/';
const LIMITS = {
  ...{ streams: 3, targets: 1, viewers: 2, viewersPerStream: 1, webSockets: 6, webSocketsPerAddress: 5 },
  ...{ whepPlayers: 1, whipPublishers: 1, probes: 1, eventReaders: 1, requestsPerS: 40 },
  ...{ bodyKb: 4, headerKb: 4, messageKb: 4, requestS: 3, headersS: 2, greetingS: 2, connectS: 2 },
};

let gateway: RunningGateway;
let client: LimitsClient;
let before: Awaited<ReturnType<typeof steadily>>;
let outAtBegin: number;
const closing: (() => unknown)[] = [];

/** In which process the stream runs, and each state that it was in. */
async function steadily(): Promise<{ readonly pid: number; readonly states: readonly unknown[] }> {
  const events = (await gateway.call('GET', '/steady/events')) as { kind: string; id: number; data: object }[];
  const states = events.filter(({ kind }) => kind === 'state' || kind.startsWith('source'));
  return { pid: await gateway.streamPid(), states };
}

beforeAll(async () => {
  gateway = await startRunningGateway({
    log: { level: 'info', format: 'json' },
    access: { sources: { deny: ['192.0.2.0/24'] } },
    streams: [{ id: 'steady', ...SMALL_STREAM }],
    limits: LIMITS,
  });
  client = new LimitsClient(gateway.url);
  outAtBegin = (await gateway.until('steady', ({ state }) => state === 'live')).frames.out;
  before = await steadily();
}, 60_000);

afterAll(async () => {
  const { frames } = await gateway.view('steady');
  const later = await gateway.until('steady', (view) => view.frames.out > frames.out + 5);
  const now = await steadily();
  await gateway.stop();
  for (const close of closing) close();

  // Nothing of all this was felt by the stream that went on: the same process, and never in another state than live.
  expect(later.state).toBe('live');
  expect(frames.out).toBeGreaterThan(outAtBegin);
  expect(now).toEqual(before);
});

describe('addresses that are never taken', () => {
  it.each([
    ['named', { url: METADATA }],
    ['in another notation', { url: 'http://0xa9fea9fe/' }],
    ['mapped', { url: 'rtsp://[::ffff:169.254.169.254]/' }],
    ['denied', { url: 'rtsp://192.0.2.7/1' }],
    ['of ONVIF', { url: 'rtsp://127.0.0.1:1/1', onvif: { url: METADATA } }],
  ])('%s: neither tried nor added nor changed to', async (_name, source) => {
    const answers = [
      await client.ask('POST', '/api/v1/probe', source),
      await client.ask('POST', '/api/v1/streams', { id: 'x', source }),
      await client.ask('PATCH', '/api/v1/streams/steady', { source }),
      await client.ask('PUT', '/api/v1/streams/steady/config', { source }),
    ];

    for (const answer of answers) expect(answer).toMatchObject({ status: 403, code: 'DIPTYCH_E_ADDRESS_NOT_ALLOWED' });
  });

  it('of a target', async () => {
    const answer = await client.ask('POST', '/api/v1/streams/steady/targets', {
      url: 'rtmp://169.254.169.254/live/key',
    });

    expect(answer).toMatchObject({ status: 403, code: 'DIPTYCH_E_ADDRESS_NOT_ALLOWED' });
  });

  it('where an HTTP server sends on to', async () => {
    const { url, close } = await serve((_request, response) => response.writeHead(302, { location: METADATA }).end());
    closing.push(close);

    const answer = await client.probe({ url });

    expect(answer).toMatchObject({ status: 422, code: 'DIPTYCH_E_ADDRESS_NOT_ALLOWED' });
    expect(answer.detail).toContain('169.254.169.254');
  });

  it('where a playlist has its segments', async () => {
    const playlist = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${METADATA}1.ts\n#EXTINF:2,\n${METADATA}2.ts\n`;
    const { url, close } = await serve((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end(playlist),
    );
    closing.push(close);

    const answer = await client.probe({ url: `${url}/index.m3u8` });

    expect(answer).toMatchObject({ status: 422, code: 'DIPTYCH_E_ADDRESS_NOT_ALLOWED' });
  });

  it('where a camera sends on to', async () => {
    const { url, close } = await serveRedirects('rtsp://169.254.169.254/1');
    closing.push(close);

    const answer = await client.probe({ url });

    expect(answer).toMatchObject({ status: 422, code: 'DIPTYCH_E_ADDRESS_NOT_ALLOWED' });
  });

  it('where an RTMP server sends on to', async () => {
    const server: ScriptedRtmpServer = await startScriptedRtmpServer();
    closing.push(() => server.close());
    server.script.onConnect = () => ({
      refuse: {
        ...{ level: 'error', code: 'NetConnection.Connect.Rejected', description: 'moved' },
        ex: { code: 302, redirect: 'rtmp://169.254.169.254/live' },
      },
    });

    await client.ask('POST', '/api/v1/streams/steady/targets', {
      id: 'away',
      url: `rtmp://127.0.0.1:${server.port}/live/key`,
    });

    const { targets } = await gateway.until('steady', (view) => view.targets[0]?.error?.code !== undefined);
    expect(targets[0]?.error).toMatchObject({ code: 'DIPTYCH_E_ADDRESS_NOT_ALLOWED' });
    expect((await client.ask('DELETE', '/api/v1/streams/steady/targets/away')).status).toBe(204);
  });
});

describe('files', () => {
  it('are named by nobody over the API, who does not learn either which there are', async () => {
    const there = ['/etc/passwd', 'file:///etc/passwd', 'v4l2:/dev/null'];
    const notThere = ['/etc/none-such', 'file:///etc/none-such', 'v4l2:/dev/none-such'];
    const answerTo = async (url: string): Promise<string[]> => [
      (await client.ask('POST', '/api/v1/probe', { url })).text,
      (await client.ask('POST', '/api/v1/streams', { id: 'x', source: { url } })).text,
      (await client.ask('PATCH', '/api/v1/streams/steady', { source: { url } })).text,
    ];

    const [told, alsoTold] = [await Promise.all(there.map(answerTo)), await Promise.all(notThere.map(answerTo))];

    expect(told).toEqual(alsoTold);
    expect(told.flat().every((text) => text.includes('DIPTYCH_E_FILE_NOT_ALLOWED'))).toBe(true);
  });

  it.each([
    ['a certificate', { source: { url: 'rtsps://127.0.0.1:1/1', tls: { caFile: '/etc/passwd' } } }],
    ['a detector', { detect: { model: 'x=/etc/passwd' } }],
    ['a network of faces', { reid: { model: '/etc/x.onnx' } }],
  ])('%s neither', async (_name, change) => {
    const answer = await client.ask('PATCH', '/api/v1/streams/steady', change);

    expect(answer).toMatchObject({ status: 403, code: 'DIPTYCH_E_FILE_NOT_ALLOWED' });
  });
});

describe('limits', () => {
  it('streams', async () => {
    const add = (id: string): Promise<Answer> =>
      client.ask('POST', '/api/v1/streams', { id, source: { url: 'whip:' } });
    const answers = [await add('open'), await add('other'), await add('many')];

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 429]);
    expect(answers[2]).toMatchObject({ code: 'DIPTYCH_E_LIMIT_STREAMS', retryAfter: expect.any(String) as string });
    expect(answers[2]?.detail).toContain('limits.streams');
  });

  it('targets of a stream', async () => {
    const add = (port: number): Promise<Answer> =>
      client.ask('POST', '/api/v1/streams/other/targets', { url: `rtmp://127.0.0.1:${port}/live/key` });
    const answers = [await add(1), await add(2)];

    expect(answers.map(({ status, code }) => [status, code])).toEqual([
      [201, undefined],
      [429, 'DIPTYCH_E_LIMIT_TARGETS'],
    ]);
  });

  it('viewers over WebSockets, and those that never connect are given up', async () => {
    const watch = async (streamId: string): Promise<TestClient> => {
      const viewer = await new TestClient(gateway.url).greet();
      closing.push(() => viewer.socket.close());
      await viewer.ask({ type: 'subscribe', streamId });
      return viewer;
    };
    const [first, second] = [await watch('steady'), await watch('steady')];

    const taken = await first.ask({ type: 'create-transport' });
    const refused = await second.ask({ type: 'create-transport' });

    expect(taken.ok).toBe(true);
    expect(refused).toMatchObject({ ok: false, error: { code: 'DIPTYCH_E_LIMIT_VIEWERS' } });
    await gateway.until('steady', ({ viewers }) => viewers === 0, 10);
    expect((await second.ask({ type: 'create-transport' })).ok).toBe(true);
    for (const { socket } of [first, second]) {
      socket.close();
      await once(socket, 'close');
    }
  });

  it('WebSockets from one address; one that is silent is closed', async () => {
    const silent = Array.from({ length: LIMITS.webSocketsPerAddress }, () => new TestClient(gateway.url));
    await Promise.all(silent.map((each) => each.open()));

    const more = await client.refusedUpgrade();
    await expect
      .poll(() => silent.map(({ closeCode }) => closeCode), { timeout: 10_000 })
      .toEqual(silent.map(() => 1008));

    expect(more).toMatchObject({ status: 429, code: 'DIPTYCH_E_LIMIT_SOCKETS' });
    const again = await new TestClient(gateway.url).greet();
    again.socket.close();
  });

  it('messages over a WebSocket', async () => {
    const viewer = await new TestClient(gateway.url).greet();

    viewer.socket.send('x'.repeat(5000));

    await expect.poll(() => viewer.closeCode, { timeout: 5000 }).toBe(1009);
  });

  it('sources that are tried', async () => {
    const { url, close } = await serve(() => undefined);
    closing.push(close);
    const gone = new AbortController();
    const held = fetch(`${gateway.url}/api/v1/probe`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ url }) },
      signal: gone.signal,
    }).catch(() => undefined);
    await delay(300);

    const second = await client.ask('POST', '/api/v1/probe', { url });
    gone.abort();
    await held;

    expect(second).toMatchObject({ status: 429, code: 'DIPTYCH_E_LIMIT_PROBES' });
  });

  it('readers of events', async () => {
    const gone = new AbortController();
    const headers = { accept: 'text/event-stream' };
    const first = await fetch(`${gateway.url}/api/v1/streams/steady/events`, { headers, signal: gone.signal });
    const second = await client.ask('GET', '/api/v1/streams/steady/events', undefined, headers);
    gone.abort();

    expect(first.status).toBe(200);
    expect(second).toMatchObject({ status: 429, code: 'DIPTYCH_E_LIMIT_READERS' });
  });

  it('sizes of body and headers', async () => {
    const body = await client.ask('POST', '/api/v1/streams', 'x'.repeat(5000));
    const headers = await client.raw(`GET / HTTP/1.1\r\nHost: localhost\r\nA: ${'x'.repeat(5000)}\r\n\r\n`);

    expect(body).toMatchObject({ status: 413, code: 'DIPTYCH_E_LIMIT_SIZE' });
    expect(headers).toMatch(/^HTTP\/1\.1 431 [^]*DIPTYCH_E_LIMIT_SIZE/);
  });

  it('time for headers and for a request', async () => {
    const [headers, request] = await Promise.all([
      client.raw('GET / HTTP/1.1\r\nHost: localhost\r\n'),
      client.raw(
        'POST /api/v1/streams HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{',
      ),
    ]);

    expect(headers).toMatch(/^HTTP\/1\.1 408 [^]*DIPTYCH_E_LIMIT_TIME/);
    expect(request).toMatch(/^HTTP\/1\.1 408 [^]*DIPTYCH_E_LIMIT_TIME/);
  });

  it('requests from one address', async () => {
    const refused = await client.flood('127.0.0.2', '/healthz', 1500);

    expect(refused).toMatchObject({ status: 429, code: 'DIPTYCH_E_LIMIT_RATE', retryAfter: '3' });
    expect((await client.ask('GET', '/healthz')).status).toBe(200);
  });
});

it('writes who did what from where, without secrets', async () => {
  await client.ask('PATCH', '/api/v1/streams/steady', { detect: { maxFps: 1 } });
  await client.ask('POST', '/api/v1/streams/none/targets', { url: 'rtmp://tv.invalid/live/geheim-17' });

  const audited = (): object[] =>
    gateway.lines().flatMap((line) => (line.includes('"audit":true') ? [JSON.parse(line) as object] : []));
  const common = { address: '127.0.0.1', who: expect.any(String) as string };
  const refused = { ...common, operation: 'addTarget', stream: 'none', status: 404, result: 'DIPTYCH_E_NOT_FOUND' };
  await expect.poll(audited).toContainEqual(expect.objectContaining(refused));
  expect(audited()).toContainEqual(
    expect.objectContaining({ ...common, operation: 'changeStream', stream: 'steady', status: 200, result: 'done' }),
  );
  expect(gateway.lines().join('\n')).not.toContain('geheim-17');
});
