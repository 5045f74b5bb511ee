import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { problemSchema } from '#src/gateway/api/schemas.js';
import { hallGateway } from './fixture/hall-gateway.js';

const { call, gateway } = hallGateway();
const STREAM = '/api/v1/streams/hall';
const PATCHES = 'application/merge-patch+json, application/json';

/** Bytes as they are, and what came back. */
async function send(bytes: string): Promise<string> {
  const { hostname, port } = new URL(gateway().url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(bytes);
  await closed;
  return answer;
}

describe('a request that fails is answered with problem details', () => {
  it.each<[string, string, string, unknown, Record<string, string>, number, string]>([
    ['an unknown path', 'GET', '/api/v1/nothing', undefined, {}, 404, 'DIPTYCH_E_NOT_FOUND'],
    ['an unknown stream', 'GET', '/api/v1/streams/x', undefined, {}, 404, 'DIPTYCH_E_NOT_FOUND'],
    ['a method that is not there', 'DELETE', '/api/v1/streams', undefined, {}, 405, 'DIPTYCH_E_BAD_INPUT'],
    ['a body that is too large', 'POST', '/api/v1/streams', 'x'.repeat(70_000), {}, 413, 'DIPTYCH_E_LIMIT_SIZE'],
    ['a body of another type', 'PATCH', STREAM, 'x', { 'content-type': 'text/csv' }, 415, 'DIPTYCH_E_BAD_INPUT'],
    ['broken JSON', 'POST', '/api/v1/streams', '{', {}, 400, 'DIPTYCH_E_BAD_INPUT'],
    ['a stream without a source', 'POST', '/api/v1/streams', {}, {}, 400, 'DIPTYCH_E_BAD_INPUT'],
    [
      'a name that is taken',
      'POST',
      '/api/v1/streams',
      { id: 'hall', source: { url: 'test:' } },
      {},
      409,
      'DIPTYCH_E_CONFLICT',
    ],
    [
      'an offer for nobody',
      'POST',
      '/whep/x',
      'v=0',
      { 'content-type': 'application/sdp' },
      404,
      'DIPTYCH_E_NOT_FOUND',
    ],
    ['an offer of another type', 'POST', '/whip/hall', '{}', {}, 415, 'DIPTYCH_E_BAD_INPUT'],
    ['a method of WHIP that is not there', 'PUT', '/whip/hall', undefined, {}, 405, 'DIPTYCH_E_BAD_INPUT'],
    ['a path that cannot be read', 'GET', '/api/v1/streams/%zz', undefined, {}, 400, 'DIPTYCH_E_BAD_INPUT'],
    ['a file that is not there', 'GET', '/assets/nothing.js', undefined, {}, 404, 'DIPTYCH_E_NOT_FOUND'],
  ])('%s', async (_name, method, path, body, headers, status, code) => {
    const answer = await call(method, path, body, headers);

    expect(answer.status).toBe(status);
    expect(answer.type).toMatch(/^application\/problem\+json/);
    const problem = problemSchema.strict().parse(answer.body);
    expect(problem).toMatchObject({ status, code, instance: path, type: `/api/v1/problems/${code}` });
    expect(problem.error).toEqual({ code, message: problem.detail });
    expect(await call('GET', problem.type)).toMatchObject({ status: 200, body: { code, title: problem.title } });
  });

  it.each([
    ['no HTTP', 'nonsense\r\n\r\n', 400],
    ['headers that are too large', `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [
      'a WebSocket elsewhere',
      'GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      404,
    ],
    [
      'a WebSocket of another page',
      'GET /ws HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      403,
    ],
  ])('%s', async (_name, bytes, status) => {
    const answer = await send(bytes);

    const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/content-type: application\/problem\+json/i);
    expect(problemSchema.strict().parse(JSON.parse(body)).status).toBe(status);
  });

  it('all codes are explained', async () => {
    const { body } = await call('GET', '/api/v1/problems');

    expect(body).toContainEqual({
      code: 'DIPTYCH_E_LIMIT_PROBES',
      title: 'as many sources are being tried as limits.probes allows',
      statuses: [429],
    });
    expect((await call('GET', '/api/v1/problems/NOTHING')).status).toBe(404);
  });
});

describe('methods', () => {
  it.each([
    ['/', 'GET, HEAD, OPTIONS'],
    ['/s/hall', 'GET, HEAD, OPTIONS'],
    ['/api/v1/streams', 'GET, HEAD, OPTIONS, POST'],
    [STREAM, 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    [`${STREAM}/config`, 'GET, HEAD, OPTIONS, PATCH, PUT'],
    [`${STREAM}/restart`, 'OPTIONS, POST'],
    [`${STREAM}/events`, 'GET, HEAD, OPTIONS'],
    [`${STREAM}/targets/tv`, 'DELETE, OPTIONS'],
    ['/metrics', 'GET, HEAD, OPTIONS'],
    ['/healthz', 'GET, HEAD, OPTIONS'],
    ['/openapi.json', 'GET, HEAD, OPTIONS'],
    ['/assets/viewer.js', 'GET, HEAD, OPTIONS'],
  ])('%s takes %s', async (path, allow) => {
    const options = await call('OPTIONS', path);
    const refused = await call(allow.includes('PUT') ? 'POST' : 'PUT', path);

    expect([options.status, options.headers.get('allow')]).toEqual([204, allow]);
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, allow]);
  });

  it.each(['PROPFIND', 'TRACE', 'LOCK'])(
    '%s is refused where there is a path, and not found elsewhere',
    async (method) => {
      const ask = (path: string): Promise<string> =>
        send(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);

      expect(await ask('/api/v1/streams')).toMatch(/^HTTP\/1\.1 405 [^]*allow: GET, HEAD, OPTIONS, POST/i);
      expect(await ask('/nothing')).toMatch(/^HTTP\/1\.1 404 /);
    },
  );

  it('HEAD is GET without a body', async () => {
    const { status, type, body } = await call('HEAD', STREAM);

    expect({ status, type, body }).toEqual({ status: 200, type: expect.stringContaining('json') as string, body: '' });
  });
});

describe('types of a body', () => {
  it.each([
    ['PATCH', STREAM, { slots: { labels: ['A'] } }, 'application/merge-patch+json', 200],
    ['PATCH', STREAM, { slots: { labels: ['B'] } }, 'application/json', 200],
    ['PATCH', `${STREAM}/config`, { slots: { labels: ['C'] } }, 'application/merge-patch+json; charset=utf-8', 200],
    ['PATCH', STREAM, {}, 'application/json-patch+json', 415],
    ['PATCH', STREAM, {}, 'application/x-www-form-urlencoded', 415],
    ['PUT', `${STREAM}/config`, {}, 'application/merge-patch+json', 415],
    ['POST', `${STREAM}/slots`, { action: 'swap' }, 'application/merge-patch+json', 415],
    ['POST', `${STREAM}/slots`, { action: 'swap' }, 'text/plain', 415],
  ])('%s %s with %j as %s', async (method, path, body, type, status) => {
    const answer = await call(method, path, body, { 'content-type': type });

    expect(answer.status).toBe(status);
    const accepts = ['accept-patch', 'accept-post', 'accept'].map((name) => answer.headers.get(name)).find(Boolean);
    const expected = status === 200 ? undefined : method === 'PATCH' ? PATCHES : 'application/json';
    expect(accepts).toBe(expected);
  });
});

describe('the tiles', () => {
  it.each<[string, object, number, RegExp]>([
    ['an unknown person', { action: 'pin', slot: 0, trackId: 99 }, 404, /nobody has the number 99.*there is: 1, 2$/],
    ['a tile beyond the layout', { action: 'pin', slot: 3, trackId: 1 }, 400, /no tile 3; there is: 0, 1 /],
    ['a tile beyond all layouts', { action: 'pin', slot: 4, trackId: 1 }, 400, /slot/],
    ['an unknown action', { action: 'dance' }, 400, /action.*swap.*lock.*unlock.*pin/],
    ['a person by name', { action: 'pin', slot: 0, trackId: 'Anna' }, 400, /trackId/],
    ['no person', { action: 'pin', slot: 0 }, 400, /trackId/],
    ['more than there is', { action: 'swap', slot: 1 }, 400, /slot/],
    ['a list', [], 400, /action/],
  ])('%s is refused with what there is', async (_name, action, status, message) => {
    const answer = await call('POST', `${STREAM}/slots`, action);

    expect(answer.status).toBe(status);
    expect((answer.body as { detail: string }).detail).toMatch(message);
  });
});
