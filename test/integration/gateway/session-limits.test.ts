import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { offerOf } from '../../unit/gateway/webrtc-http/sdp/fixture.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

const LIMIT_MS = 20_000;
const whip = (id: string): string => `{ id: ${id}, source: { url: "whip:", takeover: true } }`;
const STREAMS = `[{ id: hall, source: { url: "test:" } }, ${whip('open')}, ${whip('other')}]`;
const LIMITS = 'limits: { whepPlayers: 2, whipPublishers: 1, connectS: 1 }';
const PUBLISH = offerOf('chromium-publish');
const PLAY = offerOf('chromium-play');

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(viewer.directory, STREAMS, 0, '', LIMITS);
  await vi.waitFor(() => expect(gateway.registry.get('hall').status.state).toBe('live'), { timeout: LIMIT_MS });
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
});

async function post(path: string, body: string): Promise<{ status: number; code: string; location: string }> {
  const response = await fetch(gateway.url + path, {
    ...{ method: 'POST', body, headers: { 'content-type': 'application/sdp' } },
  });
  const text = await response.text();
  const code = response.ok ? '' : (JSON.parse(text) as { code: string }).code;
  return { status: response.status, code, location: response.headers.get('location') ?? '' };
}

/** Resolves once there is no such session any more. */
const untilGone = (path: string): Promise<void> =>
  vi.waitFor(
    async () => {
      const headers = { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '"none"' };
      const body = 'a=ice-ufrag:+dW+\r\na=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\n';
      const { status } = await fetch(gateway.url + path, { method: 'PATCH', headers, body });
      expect(status).toBe(404);
    },
    { timeout: LIMIT_MS, interval: 200 },
  );

describe('players', () => {
  it('are as many as there may be, and those who never connect make room for others', async () => {
    const [first, second, third] = [
      await post('/whep/hall', PLAY),
      await post('/whep/hall', PLAY),
      await post('/whep/hall', PLAY),
    ];
    await untilGone(first.location);
    await untilGone(second.location);
    const later = await post('/whep/hall', PLAY);

    expect([first.status, second.status]).toEqual([201, 201]);
    expect(third).toMatchObject({ status: 503, code: 'DIPTYCH_E_LIMIT_SESSIONS' });
    expect(later.status).toBe(201);
  });
});

describe('publishers', () => {
  it('are as many as there may be; one who never connects takes nothing and is given up', async () => {
    const published = vi.fn();
    gateway.registry.get('open').on('receives', published);

    const first = await post('/whip/open', PUBLISH);
    const next = await post('/whip/open', PUBLISH);
    const other = await post('/whip/other', PUBLISH);
    await untilGone(next.location);
    const later = await post('/whip/other', PUBLISH);

    // With takeover the last who asked has the place, and no port is opened before somebody has connected.
    expect([first.status, next.status]).toEqual([201, 201]);
    expect(other).toMatchObject({ status: 503, code: 'DIPTYCH_E_LIMIT_SESSIONS' });
    await untilGone(first.location);
    expect(published).not.toHaveBeenCalled();
    expect(later.status).toBe(201);
  });
});

it('pictures are for pages of the gateway alone', async () => {
  const paths = ['/api/v1/streams/hall/snapshot.jpg', '/', '/assets/viewer.js'];
  const policies = await Promise.all(
    paths.map(async (path) => (await fetch(gateway.url + path)).headers.get('cross-origin-resource-policy')),
  );

  expect(policies).toEqual(paths.map(() => 'same-origin'));
});
