import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { offerOf } from '../../unit/gateway/webrtc-http/sdp/fixture.js';
import { expectDescribed } from './fixture/described.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

const SECONDS = 1000;
const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const PLAYER = 'https://player.example.org';
const OFFER = offerOf('chromium-play');
/** Of the player in OFFER. */
const OWN_ICE = 'a=ice-ufrag:+dW+\r\na=ice-pwd:+SlGJSQIOjo8K0yizqXTQ6pL\r\n';
const OTHER_ICE = 'a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n';
const CANDIDATE = 'a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\n';

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(
    viewer.directory,
    '[{ id: hall, source: { url: "test:" } }]',
    0,
    `allowedOrigins: ["${PLAYER}"]`,
  );
  await vi.waitFor(() => expect(gateway.registry.get('hall').status.state).toBe('live'), { timeout: 20 * SECONDS });
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
});

interface Call {
  readonly path?: string;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** Whatever is answered has to be in the description of the API. */
async function call(method: string, { path = '/whep/hall', type, body, headers = {} }: Call = {}): Promise<Response> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body }),
  });
  await expectDescribed(gateway.url, method, path, response.status);
  return response;
}

const post = (body: string, type = SDP): Promise<Response> => call('POST', { type, body });

async function begin(): Promise<{
  readonly path: string;
  readonly etag: string;
  readonly end: () => Promise<Response>;
}> {
  const response = await post(OFFER);
  const path = response.headers.get('location') ?? '';
  return { path, etag: response.headers.get('etag') ?? '', end: () => call('DELETE', { path }) };
}

const viewers = async (): Promise<unknown> =>
  ((await (await fetch(`${gateway.url}/api/v1/streams/hall`)).json()) as { viewers: number }).viewers;

describe('POST /whep/:id', () => {
  it.each([
    ['chromium-play', 108, 111],
    ['firefox-play', 126, 109],
    ['safari-play', 98, 111],
    ['webrtcbin-play', 101, 96],
  ])('answers %s in its own payload types', async (name, video, audio) => {
    const response = await post(offerOf(name));

    const answer = await response.text();
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe(SDP);
    expect(response.headers.get('location')).toMatch(/^\/whep\/hall\/[0-9a-f-]{36}$/);
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f-]{36}"$/);
    expect(response.headers.get('accept-patch')).toBe(FRAGMENT);
    expect(answer).toContain(`m=video 9 UDP/TLS/RTP/SAVPF ${video}\r\n`);
    expect(answer).toContain(`m=audio 9 UDP/TLS/RTP/SAVPF ${audio}\r\n`);
    expect(answer).toContain(` 127.0.0.1 ${gateway.mediaPort} typ host\r\n`);
    await call('DELETE', { path: response.headers.get('location') ?? '' });
  });

  it('counts as a viewer until DELETE, which ends it once', async () => {
    const { end } = await begin();
    const during = await viewers();

    const first = await end();
    const second = await end();

    expect(during).toBe(1);
    expect([first.status, second.status]).toEqual([200, 404]);
    expect(await viewers()).toBe(0);
  });

  it.each([
    ['no SDP', () => post('hello'), 400],
    ['nothing', () => post(''), 400],
    ['a stream that does not exist', () => call('POST', { path: '/whep/attic', type: SDP, body: OFFER }), 404],
    ['a codec that is not sent', () => post(offerOf('firefox-play-without-h264')), 406],
    ['a publisher', () => post(offerOf('chromium-publish')), 406],
    ['JSON', () => post(JSON.stringify({ sdp: OFFER }), 'application/json'), 415],
    ['no type', () => call('POST', { body: OFFER }), 415],
    ['too much', () => post(OFFER + 'a=x\r\n'.repeat(20_000)), 413],
  ])('refuses %s', async (_name, ask, status) => {
    const response = await ask();

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: expect.stringMatching(/^DIPTYCH_E_/) as string } });
  });

  it('says when to ask again while there is no media', async () => {
    const stream = gateway.registry.get('hall');
    const ingress = vi.spyOn(stream, 'ingress', 'get').mockReturnValue(undefined);

    const response = await post(OFFER);

    ingress.mockRestore();
    expect(response.status).toBe(409);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('other methods', () => {
  it.each([
    ['PUT', '/whep/hall', 405],
    ['PATCH', '/whep/hall', 405],
    ['DELETE', '/whep/hall', 405],
    ['POST', '/whep/hall/some-session', 405],
    ['PUT', '/whep/hall/some-session', 405],
    ['GET', '/whep/hall', 204],
    ['HEAD', '/whep/hall', 204],
    ['GET', '/whep/hall/some-session', 204],
    ['DELETE', '/whep/hall/some-session', 404],
  ])('%s %s is %d', async (method, path, status) => {
    const response = await call(method, { path });

    expect(response.status).toBe(status);
    if (status === 405) expect(response.headers.get('allow')).toContain('OPTIONS');
  });

  it.each([
    ['a page that is allowed', PLAYER, PLAYER],
    ['another page', 'https://evil.example', null],
  ])('OPTIONS lets in %s or not', async (_name, origin, allowed) => {
    const response = await call('OPTIONS', { headers: { origin, 'access-control-request-method': 'POST' } });

    expect(response.status).toBe(200);
    expect(response.headers.get('accept-post')).toBe(SDP);
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    expect(response.headers.get('access-control-allow-headers')).toContain('If-Match');
  });
});

describe('PATCH /whep/:id/:session', () => {
  it('takes candidates of the ICE session that goes on', async () => {
    const { path, etag, end } = await begin();

    const response = await call('PATCH', {
      ...{ path, type: FRAGMENT, body: OWN_ICE + CANDIDATE },
      headers: { 'if-match': etag },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get('etag')).toBeNull();
    await end();
  });

  it('restarts ICE where the credentials are others', async () => {
    const { path, etag, end } = await begin();

    const response = await call('PATCH', { path, type: FRAGMENT, body: OTHER_ICE, headers: { 'if-match': '*' } });
    const late = await call('PATCH', {
      ...{ path, type: FRAGMENT, body: OTHER_ICE + CANDIDATE },
      headers: { 'if-match': etag },
    });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(FRAGMENT);
    expect(response.headers.get('etag')).not.toBe(etag);
    expect(await response.text()).toMatch(/^a=ice-lite\r\n[^]*a=ice-ufrag:\w+\r\na=ice-pwd:\w+\r\na=candidate:/);
    expect(late.status).toBe(412);
    await end();
  });

  it.each([
    ['no If-Match', { type: FRAGMENT, body: OWN_ICE + CANDIDATE }, 428],
    ['the ETag of another', { type: FRAGMENT, body: OWN_ICE + CANDIDATE, headers: { 'if-match': '"x"' } }, 412],
    ['another type', { type: SDP, body: OWN_ICE + CANDIDATE, headers: { 'if-match': '*' } }, 415],
    ['no fragment', { type: FRAGMENT, body: 'hello', headers: { 'if-match': '*' } }, 400],
    ['nothing', { type: FRAGMENT, headers: { 'if-match': '*' } }, 400],
  ])('refuses %s', async (_name, given, status) => {
    const { path, end } = await begin();

    const response = await call('PATCH', { path, ...given });

    expect(response.status).toBe(status);
    await end();
  });
});
