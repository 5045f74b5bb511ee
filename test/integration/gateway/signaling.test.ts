import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Push, Response, ServerMessage } from '#src/shared/signaling/protocol.js';
import type { Gateway } from '#src/gateway/gateway.js';
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

/** A client that keeps everything it is told. */
class TestClient {
  readonly messages: ServerMessage[] = [];
  readonly socket: WebSocket;
  closeCode: number | undefined;
  #lastId = 0;

  constructor(origin?: string) {
    this.socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws`, origin === undefined ? {} : { origin });
    this.socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString()) as ServerMessage));
    this.socket.on('close', (code) => {
      this.closeCode = code;
    });
    this.socket.on('error', () => undefined);
    clients.push(this);
  }

  async open(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open');
    return this;
  }

  async greet(): Promise<this> {
    await this.open();
    await this.ask({ type: 'hello', version: 1 });
    return this;
  }

  async ask(request: Record<string, unknown>): Promise<Response> {
    const id = ++this.#lastId;
    this.socket.send(JSON.stringify({ id, ...request }));
    return vi.waitFor(() => {
      const found = this.messages.find(
        (message): message is Response => message.type === 'response' && message.id === id,
      );
      if (!found) throw new Error(`no response to ${JSON.stringify(request)}`);
      return found;
    }, 10 * SECONDS);
  }

  pushes<T extends Push['type']>(type: T): Extract<Push, { type: T }>[] {
    return this.messages.filter((message): message is Extract<Push, { type: T }> => message.type === type);
  }
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

describe('a session', () => {
  it('is greeted with the version and the streams', async () => {
    const client = await new TestClient().open();

    const answer = await client.ask({ type: 'hello', version: 1 });

    expect(answer).toMatchObject({ ok: true, data: { version: 1, streams: [{ id: 'hall', state: 'live' }] } });
  });

  it('gets status, overlays in step with the frames, and events of its stream', async () => {
    const client = await new TestClient().greet();

    const answer = await client.ask({ type: 'subscribe', streamId: 'hall' });
    gateway.registry.get('hall').requestKeyframe();

    expect(answer).toMatchObject({
      ok: true,
      data: { status: { id: 'hall' }, producers: { video: expect.any(String) as string } },
    });
    await vi.waitFor(
      () => {
        expect(client.pushes('status').length).toBeGreaterThan(1);
        expect(client.pushes('overlay').length).toBeGreaterThan(10);
        expect(client.pushes('event').map(({ event }) => event.name)).toContain('keyframe-wanted');
      },
      { timeout: 20 * SECONDS },
    );
    const [first, second] = client.pushes('overlay');
    expect((second?.overlay.rtpTimestamp ?? 0) - (first?.overlay.rtpTimestamp ?? 0)).toBe(90_000 / 25);
  });

  it('is told when streams come and go', async () => {
    const client = await new TestClient().greet();

    await fetch(`${gateway.url}/api/v1/streams`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'yard', source: { url: 'test:' } }),
    });
    await client.ask({ type: 'subscribe', streamId: 'yard' });
    await fetch(`${gateway.url}/api/v1/streams/yard`, { method: 'DELETE' });

    await vi.waitFor(() => {
      expect(client.pushes('streams').some(({ streams }) => streams.some(({ id }) => id === 'yard'))).toBe(true);
      expect(
        client
          .pushes('streams')
          .at(-1)
          ?.streams.map(({ id }) => id),
      ).toEqual(['hall']);
      expect(client.pushes('gone')).toEqual([{ type: 'gone', streamId: 'yard' }]);
    });
  });

  it('is told of the new origin of the media when a stream process was replaced', async () => {
    const client = await new TestClient().greet();
    const answer = await client.ask({ type: 'subscribe', streamId: 'hall' });
    const before = answer.ok && 'producers' in answer.data ? answer.data.producers : undefined;

    process.kill(gateway.registry.get('hall').pid ?? 0, 'SIGKILL');

    await vi.waitFor(
      () => {
        expect(client.pushes('producers')).toHaveLength(1);
        expect(gateway.registry.get('hall').status.state).toBe('live');
      },
      { timeout: 20 * SECONDS },
    );
    expect(client.pushes('producers')[0]?.video).not.toBe(before?.video);
  });

  it('counts as a viewer while it has a transport', async () => {
    const viewers = async (): Promise<unknown> =>
      ((await (await fetch(`${gateway.url}/api/v1/streams/hall`)).json()) as { viewers: number }).viewers;
    const client = await new TestClient().greet();
    await client.ask({ type: 'subscribe', streamId: 'hall' });
    expect(await viewers()).toBe(0);

    const transport = await client.ask({ type: 'create-transport' });
    expect(transport).toMatchObject({
      ok: true,
      data: { iceCandidates: [{ ip: '127.0.0.1', protocol: 'udp' }, { protocol: 'tcp' }] },
    });
    expect(await viewers()).toBe(1);

    client.socket.close();
    await vi.waitFor(async () => {
      expect(await viewers()).toBe(0);
    });
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
    const client = await new TestClient().open();

    client.socket.send(text);

    await vi.waitFor(() => {
      expect(client.messages).toMatchObject([expected]);
    });
    expect(await client.ask({ type: 'hello', version: 1 })).toMatchObject({ ok: true });
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
    const client = await new TestClient().greet();

    expect(await client.ask(request)).toMatchObject({ ok: false, error: { code } });
  });

  it('a browser without H.264 is told so', async () => {
    const client = await new TestClient().greet();
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
    const client = await new TestClient().open();

    const answer = await client.ask({ type: 'hello', version: 2 });

    expect(answer).toMatchObject({ ok: false });
    await vi.waitFor(() => {
      expect(client.closeCode).toBe(4000);
    });
  });

  it('too much nonsense ends the session', async () => {
    const client = await new TestClient().open();

    for (let count = 0; count <= 20; count++) client.socket.send('nonsense');

    await vi.waitFor(() => {
      expect(client.closeCode).toBe(1008);
    });
  });

  it('a huge message ends the session', async () => {
    const client = await new TestClient().open();

    client.socket.send('x'.repeat(70_000));

    await vi.waitFor(() => {
      expect(client.closeCode).toBe(1009);
    });
  });

  it.each([
    ['the page of another site', 'http://evil.example', true],
    ['the own page', undefined, false],
  ])('%s: refused %s', async (_name, origin, expected) => {
    const { socket } = new TestClient(origin ?? gateway.url);

    expect(await isRefused(socket)).toBe(expected);
  });

  it('another path is refused', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/other`);

    expect(await isRefused(socket)).toBe(true);
  });
});

describe('the media process', () => {
  it('is replaced when it dies; viewers come back and streams never notice', async () => {
    const client = await new TestClient().greet();
    const { pid } = gateway.registry.get('hall');
    const ports = gateway.registry.get('hall').ingress?.video;

    process.kill(await mediaPid(), 'SIGKILL');

    await vi.waitFor(() => {
      expect(client.closeCode).toBe(1012);
    }, 10 * SECONDS);
    await vi.waitFor(
      async () => {
        expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
        const again = await new TestClient().greet();
        await again.ask({ type: 'subscribe', streamId: 'hall' });
        expect(await again.ask({ type: 'router-capabilities' })).toMatchObject({ ok: true });
      },
      { timeout: 20 * SECONDS },
    );
    expect(gateway.registry.get('hall').pid).toBe(pid);
    expect(gateway.registry.get('hall').ingress?.video).toEqual(ports);
  });
});

/** The child of this process that forwards media. */
async function mediaPid(): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)]);
  const line = stdout.split('\n').find((text) => text.includes('mediasoup-worker'));
  return Number(line?.trim().split(/\s+/)[0]);
}
