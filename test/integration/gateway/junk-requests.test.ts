import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
const uncaught: unknown[] = [];
const keep = (error: unknown): void => void uncaught.push(error);

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(viewer.directory, '[]');
  process.on('uncaughtException', keep);
});

afterAll(async () => {
  process.off('uncaughtException', keep);
  await gateway.close();
  await viewer.remove();
});

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

interface Junk {
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly tail?: string;
}

/** Sends bytes as they are; resolves with what came back once the gateway has closed, or has said all. */
async function send(bytes: string): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('latin1').on('data', (part: string) => (answer += part));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(bytes, 'latin1');
  socket.setTimeout(500, () => socket.destroy());
  await closed;
  return answer;
}

const request = (
  target: string,
  { method = 'GET', headers = ['Host: localhost', ...UPGRADE], tail = '' }: Junk = {},
): string => `${method} ${target} HTTP/1.1\r\n${headers.join('\r\n')}${headers.length > 0 ? '\r\n' : ''}\r\n${tail}`;

describe.each([
  ['an upgrade', ['Host: localhost', ...UPGRADE]],
  ['a plain request', ['Host: localhost', 'Connection: close']],
])('%s', (_kind, headers) => {
  it.each([
    ['two slashes', '//'],
    ['three slashes', '///'],
    ['two slashes and a broken host', '//['],
    ['a broken host', 'http://[/ws'],
    ['a port out of range', 'http://x:99999/ws'],
    ['a star', '*'],
    ['an absolute URI of another host', 'http://evil.example/other'],
    ['another scheme', 'ftp://x/ws'],
    ['a scheme alone', 'http:'],
    ['a script', 'javascript:alert(1)'],
    ['a host and a port', 'x:443'],
    ['no slash', 'ws'],
    ['broken escapes', '/%zz%'],
    ['escaped bytes that are no text', '/%ff%fe%00'],
    ['high bytes', '/\xff\xfe\x80'],
    ['a NUL', '/\0ws'],
    ['backslashes', '\\\\x\\ws'],
    ['a very long path', `/${'a'.repeat(100_000)}`],
    ['a long path', `/${'a'.repeat(8_000)}`],
    ['a user and a password', 'http://a:b@x/other'],
  ])('for %s opens nothing, and nothing throws', async (_name, target) => {
    const answer = await send(request(target, { headers }));

    expect(answer.slice(0, 12)).toMatch(/^(HTTP\/1\.1 [24]\d\d)?$/);
    expect(uncaught).toEqual([]);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });
});

it.each<[string, string]>([
  ['no Host', request('/ws', { headers: UPGRADE.slice(0, 2) })],
  ['no key', request('/ws', { headers: ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'] })],
  ['another protocol', request('/ws', { headers: ['Host: localhost', 'Connection: Upgrade', 'Upgrade: h2c'] })],
  ['another method', request('/ws', { method: 'POST' })],
  ['CONNECT', request('x:443', { method: 'CONNECT' })],
  ['CONNECT with an upgrade to nowhere', request('//', { method: 'CONNECT' })],
  ['OPTIONS of everything', request('*', { method: 'OPTIONS', headers: ['Host: localhost', 'Connection: close'] })],
  ['an origin that is no URL', request('/ws', { headers: ['Host: localhost', 'Origin: http://[', ...UPGRADE] })],
  ['a Host that is no host', request('/ws', { headers: ['Host: [', 'Origin: http://x', ...UPGRADE] })],
  ['an expectation', request('/', { headers: ['Host: localhost', 'Expect: the impossible', 'Connection: close'] })],
  [
    'a broken length',
    request('/api/v1/streams', { method: 'POST', headers: ['Host: localhost', 'Content-Length: -1'] }),
  ],
  ['no HTTP', '\0\x01\x02\xff\xff\r\n\r\n'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
])('%s does no harm', async (_name, bytes) => {
  await send(bytes);

  expect(uncaught).toEqual([]);
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
});

it('frames that are no WebSocket frames, right after the upgrade, do no harm', async () => {
  const answer = await send(request('/ws', { tail: '\xff\xff\xff\xff junk' }));

  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  expect(uncaught).toEqual([]);
});

it('opens the socket for an absolute URI of the right path, as HTTP asks', async () => {
  const answer = await send(request('http://x/ws'));

  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
});
