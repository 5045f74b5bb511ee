import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offerOf } from '../../unit/gateway/webrtc-http/sdp/fixture.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyText, editText } from '../harness/junk.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.js';

/** What clients of an endpoint send. */
const ENDPOINTS = [
  {
    name: 'whep',
    path: '/whep/hall',
    clients: ['chromium-play', 'firefox-play', 'safari-play', 'webrtcbin-play', 'obs-publish'],
  },
  {
    name: 'whip',
    path: '/whip/open',
    clients: [
      'chromium-publish',
      'chromium-simulcast',
      'firefox-publish',
      'safari-publish',
      'obs-simulcast',
      'webrtcbin-publish',
      'chromium-play',
    ],
  },
] as const;
const FRAGMENT =
  'a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n';

let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await startGatewayProcess();
});

afterAll(async () => {
  await gateway.expectHealthy();
  await gateway.close();
});

const send = (path: string, method: string, type: string, body: string): Promise<Response> =>
  fetch(gateway.url + path, { method, headers: { 'content-type': type, 'if-match': '*' }, body });

/** Every answer is one of the protocol; a session that was begun is ended. */
async function tryOffer(path: string, offer: string): Promise<void> {
  const response = await send(path, 'POST', 'application/sdp', offer);
  const text = await response.text();
  if (response.status === 201) {
    expect(text).toMatch(/^v=0\r\n/);
    const ended = await fetch(gateway.url + (response.headers.get('location') ?? ''), { method: 'DELETE' });
    expect(ended.status).toBe(200);
    return;
  }
  expect([400, 406, 409, 413], text).toContain(response.status);
  expect(JSON.parse(text)).toMatchObject({ error: { code: expect.stringMatching(/^DIPTYCH_E_/) as string } });
}

describe.each(ENDPOINTS)('$name', ({ name, path, clients }) => {
  const offers = clients.map(offerOf);
  /** Lines of offers, in which one thing may be wrong. */
  const lines = [...new Set(offers.flatMap((offer) => offer.split('\r\n')))];
  const check = (offer: string): Promise<void> => tryOffer(path, offer);
  const memory = (): number => gateway.memory();

  it('takes any text for an offer', () =>
    fuzz({
      name: `${name}-random`,
      inputs: fc.oneof(
        anyText,
        fc
          .array(fc.oneof(anyText, fc.constantFrom(...lines)), { maxLength: 60 })
          .map((some) => `v=0\r\n${some.join('\r\n')}`),
      ),
      ...{ check, memory },
    }));

  it('takes offers with changes', () =>
    fuzz({
      name: `${name}-offer`,
      inputs: fc.tuple(fc.constantFrom(...offers), anyEdits).map(([offer, edits]) => editText(offer, edits, lines)),
      ...{ check, memory },
    }));

  it('takes fragments with changes', async () => {
    const begun = await send(path, 'POST', 'application/sdp', offers[0] ?? '');
    const session = begun.headers.get('location') ?? '';

    await fuzz({
      name: `${name}-fragment`,
      inputs: fc.oneof(
        anyText,
        anyEdits.map((edits) => editText(FRAGMENT, edits, lines)),
      ),
      check: async (fragment) => {
        const response = await send(session, 'PATCH', 'application/trickle-ice-sdpfrag', fragment);
        // A session that nobody connects ends after a while.
        expect([200, 204, 400, 404, 413], await response.text()).toContain(response.status);
      },
      memory,
    });
  });
});
