import { describe, expect, it, vi } from 'vitest';
import { streamViewSchema } from '#src/gateway/api/schemas.js';
import { hallGateway } from './fixture/hall-gateway.js';
import { sendSignal } from '../../send-signal.js';

const SECONDS = 1000;

const { call, viewOf, untilLive, gateway } = hallGateway();

describe('a stream', () => {
  it('is told in the form that is promised, without its secrets', async () => {
    const { status, body } = await call('GET', '/api/v1/streams/hall');

    expect(status).toBe(200);
    expect(streamViewSchema.strict().parse(body)).toEqual(body);
    expect(body).toMatchObject({ id: 'hall', state: 'live', viewers: 0 });
    expect(JSON.stringify(body)).not.toContain('geheim');
  });

  it.each([
    ['POST', '/api/v1/streams', { source: { url: 'rtsp://h/geheim\r\nSET_PARAMETER x' } }],
    ['POST', '/api/v1/streams', { source: { url: 'test:', password: 'geheim\n' } }],
    ['PATCH', '/api/v1/streams/hall', { source: { url: 'rtsp://a:geheim@h/x y' } }],
    ['PATCH', '/api/v1/streams/hall', { targets: [{ url: 'rtmp://h/app/geheim\u007f' }] }],
    ['POST', '/api/v1/streams/hall/targets', { url: 'rtmp://h/app/geheim\r\nx' }],
  ])('is not sent control characters by %s %s %#', async (method, path, request) => {
    const { status, body } = await call(method, path, request);

    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: { code: 'DIPTYCH_E_BAD_INPUT', message: expect.stringMatching(/character \d+ is a /) as unknown },
    });
    expect(JSON.stringify(body)).not.toContain('geheim');
  });

  it('begins and ends by request', async () => {
    const started = await call('POST', '/api/v1/streams', { id: 'yard', source: { url: 'test:' } });
    expect(started).toMatchObject({
      status: 201,
      location: '/api/v1/streams/yard',
      body: { id: 'yard', state: 'connecting' },
    });

    await untilLive('yard');
    const pid = gateway().registry.get('yard').pid;
    const ended = await call('DELETE', '/api/v1/streams/yard');

    expect(ended.status).toBe(204);
    expect(await call('GET', '/api/v1/streams/yard')).toMatchObject({ status: 404 });
    expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
  });

  it('starts anew when the size of its output is changed, and not when its targets are', async () => {
    await call('POST', '/api/v1/streams', { id: 'pond', source: { url: 'test:' } });
    await untilLive('pond');
    const { pid } = gateway().registry.get('pond');

    const targets = await call('PATCH', '/api/v1/streams/pond', { targets: [{ url: 'rtmp://tv.invalid/live/k' }] });
    expect(targets.status).toBe(200);
    expect(gateway().registry.get('pond').pid).toBe(pid);
    await vi.waitFor(async () => {
      expect((await viewOf('pond')).targets).toMatchObject([{ id: 'target-1', url: 'rtmp://tv.invalid/live/***' }]);
    });

    const output = await call('PATCH', '/api/v1/streams/pond', { output: { height: 720, bitrateKbps: 2000 } });
    expect(output.status).toBe(200);
    await vi.waitFor(
      async () => {
        expect((await viewOf('pond')).output.bitrateKbps).toBe(2000);
        expect(gateway().registry.get('pond').pid).not.toBe(pid);
        expect((await viewOf('pond')).state).toBe('live');
      },
      { timeout: 20 * SECONDS, interval: 100 },
    );
    expect((await viewOf('pond')).targets).toMatchObject([{ id: 'target-1' }]);
    await call('DELETE', '/api/v1/streams/pond');
  });

  it('gives its picture as JPEG', async () => {
    const response = await fetch(`${gateway().url}/api/v1/streams/hall/snapshot.jpg`);
    const bytes = new Uint8Array(await response.arrayBuffer());

    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect([...bytes.slice(0, 2), ...bytes.slice(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
  });

  it('takes orders for its tiles', async () => {
    const events: unknown[] = [];
    gateway()
      .registry.get('hall')
      .on('event', (event) => events.push(event));

    const swapped = await call('POST', '/api/v1/streams/hall/slots', { action: 'swap' });
    const pinned = await call('POST', '/api/v1/streams/hall/slots', { action: 'pin', slot: 1, trackId: 1 });

    expect([swapped.status, pinned.status]).toEqual([204, 204]);
    await vi.waitFor(() => {
      expect(events).toContainEqual(expect.objectContaining({ name: 'slots', details: { action: 'swap' } }));
      expect(events).toContainEqual(
        expect.objectContaining({ name: 'slots', details: { action: 'pin', slot: 1, trackId: 1 } }),
      );
    });
  });

  it('that has ended of itself is offline and is not started again', async () => {
    await call('POST', '/api/v1/streams', { id: 'clip', source: { url: 'rtsp://done/' } });

    await vi.waitFor(
      async () => {
        expect((await viewOf('clip')).state).toBe('offline');
      },
      { timeout: 20 * SECONDS },
    );
    expect(gateway().registry.get('clip').pid).toBeUndefined();
    expect(await call('GET', '/api/v1/streams/clip/snapshot.jpg')).toMatchObject({
      status: 503,
      body: { error: { code: 'DIPTYCH_E_NOT_READY' } },
    });
    await call('DELETE', '/api/v1/streams/clip');
  });

  it('whose process is killed is started again, and says so meanwhile', async () => {
    await call('POST', '/api/v1/streams', { id: 'roof', source: { url: 'test:' } });
    await untilLive('roof');
    const stream = gateway().registry.get('roof');
    const states: string[] = [];
    stream.on('status', ({ state, error }) => states.push(state === 'failed' ? `${state}: ${error?.message}` : state));

    sendSignal(stream.pid, 'SIGKILL');

    await vi.waitFor(
      () => {
        expect(states.join('\n')).toMatch(/failed: .*ended by SIGKILL.*\n(.*\n)*connecting\n(.*\n)*live/);
      },
      { timeout: 20 * SECONDS },
    );
    expect(stream.restarts).toBe(1);
    await call('DELETE', '/api/v1/streams/roof');
  });
});
