import { PassThrough } from 'node:stream';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer, streamModulePath } from './fixture/test-gateway.js';

const TOKEN = 'operate-operate';

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateways: readonly Gateway[];
let logged = '';

/** @param trustProxy - as YAML */
async function start(trustProxy: string): Promise<Gateway> {
  const text = `
http: { port: 0, trustProxy: ${trustProxy} }
webrtc: { minPort: 43000, maxPort: 43400 }
limits: { webSocketsPerAddress: 2 }
access: { tokens: [{ name: desk, role: operate, token: ${TOKEN} }] }
streams: [{ id: hall, source: { url: "test:" } }]
`;
  const destination = new PassThrough().setEncoding('utf8');
  destination.on('data', (line: string) => (logged += line));
  return startGateway(parseConfig({ text, fileName: 'test' }), {
    ...{ streamModulePath, viewerDirectory: viewer.directory },
    logger: createLogger({ level: 'info', format: 'json', destination }),
  });
}

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateways = [await start('[127.0.0.1]'), await start('[]')];
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await viewer.remove();
});

beforeEach(() => {
  logged = '';
});

const gatewayOf = (kind: 'trusted' | 'unknown'): Gateway => gateways[kind === 'trusted' ? 0 : 1]!;

interface Opened {
  readonly status: number;
  readonly body: string;
  readonly socket?: WebSocket;
}

function open(gateway: Gateway, forwardedFor: string, token = TOKEN): Promise<Opened> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws`, {
    headers: { 'x-forwarded-for': forwardedFor, authorization: `Bearer ${token}` },
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ status: 101, body: '', socket }));
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
  });
}

describe.each([
  ['trusted', '203.0.113.5'],
  ['unknown', '127.0.0.1'],
] as const)('behind a proxy that is %s', (kind, address) => {
  it(`a WebSocket comes from ${address} in the audit lines, as HTTP does`, async () => {
    const gateway = gatewayOf(kind);
    const { socket } = await open(gateway, '203.0.113.5');
    socket?.send(JSON.stringify({ id: 1, type: 'hello', version: 2 }));
    socket?.send(JSON.stringify({ id: 2, type: 'subscribe', streamId: 'hall' }));
    await fetch(`${gateway.url}/api/v1/streams/hall/slots`, {
      method: 'POST',
      headers: {
        ...{ 'x-forwarded-for': '203.0.113.5', authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      },
      body: '{"action":"lock"}',
    });
    await vi.waitFor(() => expect(logged).toContain('"operation":"ws subscribe"'), { timeout: 20_000 });
    socket?.terminate();

    const audited = logged
      .split('\n')
      .filter((line) => line.includes('"audit":true'))
      .map((line) => JSON.parse(line) as { readonly operation: string; readonly address: string });
    expect(Object.fromEntries(audited.map((line) => [line.operation, line.address]))).toEqual({
      'ws subscribe': address,
      arrangeTiles: address,
    });
  });
});

describe('behind a trusted proxy', () => {
  it('WebSockets are limited by the address that it tells', async () => {
    const gateway = gatewayOf('trusted');
    const opened = [
      await open(gateway, '203.0.113.1'),
      await open(gateway, '203.0.113.1'),
      await open(gateway, '203.0.113.1'),
      await open(gateway, '203.0.113.2'),
    ];
    for (const { socket } of opened) socket?.terminate();

    expect(opened.map(({ status }) => status)).toEqual([101, 101, 429, 101]);
    expect(opened[2]?.body).toContain('WebSockets from 203.0.113.1: 2');
  });

  it('wrong tokens of WebSockets and of HTTP are counted together, by that address', async () => {
    const gateway = gatewayOf('trusted');
    const statuses: number[] = [];
    for (let tries = 0; tries < 5; tries++) {
      statuses.push((await open(gateway, '203.0.113.3', `wrong-wrong-${tries}`)).status);
      const headers = { 'x-forwarded-for': '203.0.113.3', authorization: `Bearer false-${tries}` };
      statuses.push((await fetch(`${gateway.url}/api/v1/streams`, { headers })).status);
    }
    const next = await open(gateway, '203.0.113.3');
    const elsewhere = await open(gateway, '203.0.113.4');
    elsewhere.socket?.terminate();

    expect(statuses).toEqual(Array<number>(10).fill(401));
    expect([next.status, elsewhere.status]).toEqual([429, 101]);
    expect(next.body).toContain('DIPTYCH_E_TOO_MANY_FAILURES');
  });
});

describe('behind a proxy that is not known', () => {
  it('WebSockets are limited by the address of the connection, whatever they say', async () => {
    const gateway = gatewayOf('unknown');
    const opened = [];
    for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) opened.push(await open(gateway, address));
    for (const { socket } of opened) socket?.terminate();

    expect(opened.map(({ status }) => status)).toEqual([101, 101, 429]);
    expect(opened[2]?.body).toContain('WebSockets from 127.0.0.1: 2');
  });
});
