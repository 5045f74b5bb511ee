import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { answerSchemas, pushSchema } from '#src/gateway/signaling/server-messages.js';
import { TestClient } from './fixture/test-client.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';
import { sendSignal } from '../../send-signal.js';

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

describe('a session', () => {
  it('is greeted with the version and the streams', async () => {
    const client = await connect().open();

    const answer = await client.ask({ type: 'hello', version: 2 });

    expect(answer.ok && answerSchemas.hello.safeParse(answer.data).error).toBeUndefined();
    expect(answer).toMatchObject({ ok: true, data: { version: 2, streams: [{ id: 'hall', state: 'live' }] } });
  });

  it('gets status, overlays in step with the frames, and events of its stream', async () => {
    const client = await connect().greet();

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
    for (const message of client.messages) {
      if (message.type !== 'response') expect(pushSchema.safeParse(message).error).toBeUndefined();
    }
    expect(answer.ok && answerSchemas.subscribe.safeParse(answer.data).error).toBeUndefined();
    const [first, second] = client.pushes('overlay');
    expect((second?.overlay.rtpTimestamp ?? 0) - (first?.overlay.rtpTimestamp ?? 0)).toBe(90_000 / 25);
  });

  it('is told when streams come and go', async () => {
    const client = await connect().greet();

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

  it('has the same media when a stream process was replaced', async () => {
    const client = await connect().greet();
    const producersOf = async (): Promise<unknown> => {
      const answer = await client.ask({ type: 'subscribe', streamId: 'hall' });
      return answer.ok && 'producers' in answer.data ? answer.data.producers : undefined;
    };
    const before = await producersOf();
    const { pid, restarts } = gateway.registry.get('hall');

    sendSignal(pid, 'SIGKILL');
    await vi.waitFor(
      () => {
        expect(gateway.registry.get('hall').restarts).toBe(restarts + 1);
        expect(gateway.registry.get('hall').status.state).toBe('live');
      },
      { timeout: 20 * SECONDS },
    );

    expect(client.pushes('producers')).toEqual([]);
    expect(await producersOf()).toEqual(before);
  });

  it('counts as a viewer while it has a transport', async () => {
    const viewers = async (): Promise<unknown> =>
      ((await (await fetch(`${gateway.url}/api/v1/streams/hall`)).json()) as { viewers: number }).viewers;
    const client = await connect().greet();
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

describe('the media process', () => {
  it('is replaced when it dies; viewers come back and streams never notice', async () => {
    const client = await connect().greet();
    const { pid } = gateway.registry.get('hall');
    const ports = gateway.registry.get('hall').ingress?.video;
    const mediaPort = await candidatePorts(client);

    sendSignal(await mediaPid(), 'SIGKILL');

    await vi.waitFor(() => {
      expect(client.closeCode).toBe(1012);
    }, 10 * SECONDS);
    await vi.waitFor(
      async () => {
        expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
        const again = await connect().greet();
        await again.ask({ type: 'subscribe', streamId: 'hall' });
        expect(await again.ask({ type: 'router-capabilities' })).toMatchObject({ ok: true });
        expect(await candidatePorts(again)).toEqual(mediaPort);
      },
      { timeout: 20 * SECONDS },
    );
    expect(gateway.registry.get('hall').pid).toBe(pid);
    expect(gateway.registry.get('hall').ingress?.video).toEqual(ports);
  });
});

/** The ports that a browser is told; one is used for all. */
async function candidatePorts(client: TestClient): Promise<number[]> {
  const answer = await client.ask({ type: 'create-transport' });
  if (!answer.ok || !('iceCandidates' in answer.data)) throw new Error(`no transport: ${JSON.stringify(answer)}`);
  const ports = new Set(answer.data.iceCandidates.map(({ port }) => port));
  expect([...ports]).toEqual([gateway.mediaPort]);
  return [...ports];
}

/** The child of this process that forwards media. */
async function mediaPid(): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)]);
  const line = stdout.split('\n').find((text) => text.includes('mediasoup-worker'));
  return Number(line?.trim().split(/\s+/)[0]);
}
