import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { offerOf } from '../../unit/gateway/webrtc-http/sdp/fixture.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

const TOKENS = { view: 'view-view-view', operate: 'operate-operate' };
/** A page of another site with a player, and one that is not named in the configuration. */
const PLAYER = 'https://player.example';
const STRANGER = 'https://stranger.example';

const SDP = { 'content-type': 'application/sdp' };
const FRAGMENT = { 'content-type': 'application/trickle-ice-sdpfrag' };
const AUDIO_ONLY = offerOf('chromium-publish').replace(/m=video[^]*$/, '');

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(
    viewer.directory,
    '[{ id: open, source: { url: "whip:" } }, { id: hall, source: { url: "test:" } }]',
    0,
    `trustProxy: [127.0.0.1], allowedOrigins: ["${PLAYER}"]`,
    `access:
  tokens: [{ name: wall, role: view, token: ${TOKENS.view} }, { name: desk, role: operate, token: ${TOKENS.operate} }]
limits: { requestsPerS: 5 }`,
  );
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
});

let lastAddress = 0;

interface Request {
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly address?: string;
}

const ask = ({ method = 'POST', path, token, headers, body, address }: Request, origin: string): Promise<Response> =>
  fetch(gateway.url + path, {
    method,
    headers: {
      origin,
      'x-forwarded-for': address ?? `10.1.0.${++lastAddress}`,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });

describe('a refusal of WHIP or WHEP', () => {
  const { view, operate } = TOKENS;
  it.each<[number, string, Request]>([
    [400, 'an offer that is none', { path: '/whep/open', token: view, headers: SDP, body: 'x' }],
    [401, 'no token', { path: '/whep/open', headers: SDP, body: 'x' }],
    [401, 'a wrong token in the URL', { path: '/whip/open?token=wrong-wrong', headers: SDP, body: 'x' }],
    [403, 'a token that may not publish', { path: '/whip/open', token: view, headers: SDP, body: 'x' }],
    [404, 'no such stream', { path: '/whep/none', token: view, headers: SDP, body: offerOf('chromium-play') }],
    [404, 'no such session', { method: 'DELETE', path: '/whep/open/none', token: view }],
    [405, 'a method that there is not', { method: 'PUT', path: '/whep/open', token: view }],
    [406, 'nothing that can be sent', { path: '/whip/open', token: operate, headers: SDP, body: AUDIO_ONLY }],
    [
      409,
      'a stream that takes nothing',
      { path: '/whip/hall', token: operate, headers: SDP, body: offerOf('chromium-publish') },
    ],
    [413, 'a body that is too large', { path: '/whep/open', token: view, headers: SDP, body: 'x'.repeat(3_000_000) }],
    [415, 'another type', { path: '/whep/open', token: view, headers: FRAGMENT, body: 'x' }],
  ])('%i: %s is told to scripts of the allowed origins, and of no others', async (status, _name, request) => {
    const [theirs, strange] = await Promise.all([ask(request, PLAYER), ask(request, STRANGER)]);
    const allowed = theirs.headers.get('access-control-allow-origin');
    const { code } = (await theirs.json()) as { code: string };

    expect(theirs.status).toBe(status);
    expect(code).toMatch(/^DIPTYCH_E_/);
    expect(allowed).toBe(PLAYER);
    expect(theirs.headers.get('access-control-expose-headers')).toContain('Retry-After');
    expect(theirs.headers.get('vary')).toContain('Origin');
    expect(strange.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('429: too many requests', async () => {
    const address = '10.2.0.1';
    const request = { path: '/whep/open', token: view, headers: SDP, body: 'x', address };
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(request, PLAYER)));
    const limited = answers.filter(({ status }) => status === 429);

    expect(limited.length).toBeGreaterThan(0);
    for (const { headers } of limited) {
      expect(headers.get('access-control-allow-origin')).toBe(PLAYER);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('is not told of the rest of the API', async () => {
    const answers = await Promise.all(
      ['/api/v1/streams', '/api/v1/nothing', '/healthz'].map((path) => ask({ method: 'GET', path }, PLAYER)),
    );

    for (const { headers } of answers) expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
