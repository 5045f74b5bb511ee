import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Gateway } from '#src/gateway/gateway.js';
import { TestClient } from './fixture/test-client.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

const SECONDS = 1000;

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
const clients: TestClient[] = [];

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(viewer.directory, '[{ id: hall, source: { url: "test:" } }]');
  await vi.waitFor(
    () => {
      expect(gateway.registry.get('hall').status.state).toBe('live');
    },
    { timeout: 20 * SECONDS },
  );
});

afterEach(() => {
  for (const client of clients.splice(0)) client.socket.terminate();
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
});

function connect(origin?: string): TestClient {
  const client = new TestClient(gateway.url, origin);
  clients.push(client);
  return client;
}

/** Refused upgrades close without ever opening. */
const isRefused = (socket: WebSocket): Promise<boolean> =>
  new Promise((resolve) => {
    socket.once('open', () => {
      resolve(false);
    });
    socket.once('error', () => {
      resolve(true);
    });
  });

describe('what should not be sent', () => {
  it.each([
    ['text that is no JSON', 'hello', { type: 'error', error: { code: 'DIPTYCH_E_BAD_INPUT' } }],
    ['an unknown message', '{"type":"dance","id":7}', { type: 'response', id: 7, ok: false }],
    [
      'a request before the greeting',
      '{"type":"stats","id":7}',
      { type: 'response', id: 7, ok: false, error: { code: 'DIPTYCH_E_BAD_INPUT' } },
    ],
  ])('%s is answered with an error, and the session goes on', async (_name, text, expected) => {
    const client = await connect().open();

    client.socket.send(text);

    await vi.waitFor(() => {
      expect(client.messages).toMatchObject([expected]);
    });
    expect(await client.ask({ type: 'hello', version: 2 })).toMatchObject({ ok: true });
  });

  it.each([
    ['an unknown stream', { type: 'subscribe', streamId: 'nowhere' }, 'DIPTYCH_E_NOT_FOUND'],
    ['an unknown consumer', { type: 'resume', consumerId: 'nobody' }, 'DIPTYCH_E_NOT_FOUND'],
    [
      'to consume before there is a transport',
      { type: 'consume', kind: 'video', rtpCapabilities: { codecs: [] } },
      'DIPTYCH_E_BAD_INPUT',
    ],
    [
      'to connect before there is a transport',
      { type: 'connect-transport', dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'x' }] } },
      'DIPTYCH_E_BAD_INPUT',
    ],
  ])('%s is refused with a code', async (_name, request, code) => {
    const client = await connect().greet();

    expect(await client.ask(request)).toMatchObject({ ok: false, error: { code } });
  });

  it('a browser without H.264 is told so', async () => {
    const client = await connect().greet();
    await client.ask({ type: 'subscribe', streamId: 'hall' });
    await client.ask({ type: 'create-transport' });

    const answer = await client.ask({
      type: 'consume',
      kind: 'video',
      rtpCapabilities: {
        codecs: [{ kind: 'video', mimeType: 'video/VP8', clockRate: 90_000, preferredPayloadType: 96 }],
      },
    });

    expect(answer).toMatchObject({ ok: false, error: { message: expect.stringContaining('H.264') as string } });
  });

  it('another version of the protocol ends the session', async () => {
    const client = await connect().open();

    const answer = await client.ask({ type: 'hello', version: 1 });

    expect(answer).toMatchObject({ ok: false });
    await vi.waitFor(() => {
      expect(client.closeCode).toBe(4000);
    });
  });

  it('too much nonsense ends the session', async () => {
    const client = await connect().open();

    for (let count = 0; count <= 20; count++) client.socket.send('nonsense');

    await vi.waitFor(() => {
      expect(client.closeCode).toBe(1008);
    });
  });

  it('a huge message ends the session', async () => {
    const client = await connect().open();

    client.socket.send('x'.repeat(70_000));

    await vi.waitFor(() => {
      expect(client.closeCode).toBe(1009);
    });
  });

  it.each([
    ['the page of another site', 'http://evil.example', true],
    ['the own page', undefined, false],
  ])('%s: refused %s', async (_name, origin, expected) => {
    const { socket } = connect(origin ?? gateway.url);

    expect(await isRefused(socket)).toBe(expected);
  });

  it('another path is refused', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/other`);

    expect(await isRefused(socket)).toBe(true);
  });
});
