import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { expectDescribed } from './fixture/described.js';
import { offerOf } from '../../unit/gateway/webrtc-http/sdp/fixture.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

const STREAMS = '[{ id: open, source: { url: "whip:" } }, { id: hall, source: { url: "test:" } }]';
const OFFER = offerOf('chromium-publish');
const SDP = { 'content-type': 'application/sdp' };
const FRAGMENT = { 'content-type': 'application/trickle-ice-sdpfrag' };
const CANDIDATE = 'a=candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host\r\na=end-of-candidates\r\n';
const OTHER_ICE = `a=ice-ufrag:othr\r\na=ice-pwd:${'x'.repeat(24)}\r\n`;

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(viewer.directory, STREAMS);
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
});

/** Whatever is answered has to be in the description of the API. */
async function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Response> {
  const response = await fetch(gateway.url + path, { method, headers, ...(body !== undefined && { body }) });
  await expectDescribed(gateway.url, method, path, response.status);
  return response;
}

describe('POST /whip/:id', () => {
  it('answers an offer, and its session takes candidates, an ICE restart and its end', async () => {
    const answer = await ask('POST', '/whip/open', SDP, OFFER);
    const location = answer.headers.get('location') ?? '';
    const etag = answer.headers.get('etag') ?? '';

    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toMatch(/^application\/sdp/);
    expect(location).toMatch(/^\/whip\/open\/[0-9a-f]{32}$/);
    const sdp = await answer.text();
    expect(sdp).toMatch(/a=recvonly/);
    // Phones turn their pictures themselves.
    expect(sdp).not.toMatch(/video-orientation/);

    expect((await ask('POST', '/whip/open', SDP, OFFER)).status).toBe(409);
    expect((await ask('PATCH', location, FRAGMENT, CANDIDATE)).status).toBe(428);
    expect((await ask('PATCH', location, { ...FRAGMENT, 'if-match': '"other"' }, CANDIDATE)).status).toBe(412);
    expect((await ask('PATCH', location, { ...SDP, 'if-match': etag }, CANDIDATE)).status).toBe(415);
    expect((await ask('PATCH', location, { ...FRAGMENT, 'if-match': etag }, 'no candidate')).status).toBe(400);
    expect((await ask('PATCH', location, { ...FRAGMENT, 'if-match': etag }, CANDIDATE)).status).toBe(204);
    const restart = await ask('PATCH', location, { ...FRAGMENT, 'if-match': '*' }, OTHER_ICE + CANDIDATE);
    expect(restart.status).toBe(200);
    expect(restart.headers.get('etag')).not.toBe(etag);
    expect(await restart.text()).toMatch(/a=ice-ufrag:/);
    expect((await ask('PATCH', location, { ...FRAGMENT, 'if-match': etag }, CANDIDATE)).status).toBe(412);

    expect((await ask('DELETE', location)).status).toBe(200);
    expect((await ask('DELETE', location)).status).toBe(404);
  });

  it.each([
    'chromium-publish',
    'chromium-simulcast',
    'firefox-publish',
    'safari-publish',
    'obs-publish',
    'obs-simulcast',
    'webrtcbin-publish',
  ])('takes the offer of %s as it is sent, with a bearer token that nobody asked for', async (client) => {
    const headers = { ...SDP, authorization: 'Bearer key', 'user-agent': 'Mozilla/5.0 (OBS-Studio/30.2.0)' };

    const answer = await ask('POST', '/whip/open', headers, offerOf(client));

    expect(answer.status).toBe(201);
    expect(await answer.text()).toMatch(/m=video 9 /);
    expect((await ask('DELETE', answer.headers.get('location') ?? '')).status).toBe(200);
  });

  // Profiles with their levels, as OBS's encoders, browsers and phones name them.
  it.each([
    ...[
      '42e01f',
      '42c01f',
      '42001f',
      '420028',
      '4d001f',
      '4d401f',
      '4d0028',
      '64001f',
      '640028',
      '640032',
      '640c1f',
    ].map((profile) => [`profile-level-id=${profile};packetization-mode=1;level-asymmetry-allowed=1`, 201] as const),
    ['profile-level-id=640032;packetization-mode=1', 201],
    ['profile-level-id=42e01f;packetization-mode=0', 201],
    ['profile-level-id=4d0028', 201],
    ['level-asymmetry-allowed=1', 201],
    ['profile-level-id=f4001f;packetization-mode=1', 406],
    ['profile-level-id=7a001f;packetization-mode=1', 406],
    ['profile-level-id=6e001f;packetization-mode=1', 406],
  ] as const)('answers H.264 with %s by %i', async (parameters, status) => {
    const offer = offerOf('obs-publish').replace(/^(a=fmtp:96 ).*$/m, `$1${parameters}`);

    const answer = await ask('POST', '/whip/open', SDP, offer);

    expect(answer.status).toBe(status);
    const text = await answer.text();
    if (status === 201) expect(text).toMatch(/a=rtpmap:96 H264\/90000/);
    if (status === 201) await ask('DELETE', answer.headers.get('location') ?? '');
  });

  it.each([
    ['another type', 'POST', '/whip/open', { 'content-type': 'text/plain' }, OFFER, 415],
    ['no type', 'POST', '/whip/open', {}, undefined, 415],
    ['JSON', 'POST', '/whip/open', { 'content-type': 'application/json' }, '{}', 415],
    ['junk', 'POST', '/whip/open', SDP, 'junk', 400],
    ['no stream', 'POST', '/whip/nobody', SDP, OFFER, 404],
    ['a stream with another source', 'POST', '/whip/hall', SDP, OFFER, 409],
    ['a session that is not', 'PATCH', '/whip/open/0', { ...FRAGMENT, 'if-match': '*' }, CANDIDATE, 404],
    ['another method', 'PUT', '/whip/open', SDP, OFFER, 405],
    ['another method of a session', 'POST', '/whip/open/0', SDP, OFFER, 405],
    [
      'only a codec that is not taken',
      'POST',
      '/whip/open',
      SDP,
      OFFER.replaceAll(/(H264|VP8|VP9)\/90000/g, 'AV1/90000'),
      406,
    ],
  ] as const)('refuses %s', async (_, method, path, headers, body, status) => {
    const response = await ask(method, path, headers, body);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringMatching(/./) as unknown } });
  });

  it('names the codecs that it takes', async () => {
    const response = await ask('POST', '/whip/open', SDP, OFFER.replaceAll(/(H264|VP8|VP9)\/90000/g, 'AV1/90000'));

    expect(await response.text()).toMatch(/H264, VP8/);
  });

  it('answers OPTIONS, and lets no page of another origin publish', async () => {
    const own = await ask('OPTIONS', '/whip/open', { origin: gateway.url });
    const other = await ask('OPTIONS', '/whip/open', { origin: 'https://example.org' });

    expect(own.status).toBe(200);
    expect(own.headers.get('accept-post')).toBe('application/sdp');
    expect(own.headers.get('access-control-allow-origin')).toBe(gateway.url);
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });
});
