import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

const TOKENS = {
  view: 'view-view-view',
  operate: 'operate-operate',
  admin: 'admin-admin-admin',
  hall: 'hall-hall-hall',
};
type Role = 'none' | 'view' | 'operate' | 'admin';
const RANK: readonly Role[] = ['none', 'view', 'operate', 'admin'];

interface Operation {
  readonly 'x-required-role'?: Role;
}

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;

beforeAll(async () => {
  viewer = await buildTestViewer();
  const access = `access:
  token: ${TOKENS.admin}
  tokens:
    - { name: wall, role: view, token: ${TOKENS.view} }
    - { name: desk, role: operate, token: ${TOKENS.operate} }
    - { name: guard, role: view, streams: [hall], token: ${TOKENS.hall} }`;
  // Every request of this file comes from addresses of its own, so that none waits for another.
  gateway = await startTestGateway(
    viewer.directory,
    '[{ id: hall, source: { url: "test:" } }, { id: door, source: { url: "test:" } }]',
    0,
    'trustProxy: [127.0.0.1]',
    access,
  );
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
});

let lastAddress = 0;
const nextAddress = (): string => `10.0.${Math.floor(++lastAddress / 250)}.${lastAddress % 250}`;

function ask(
  path: string,
  token?: string,
  { headers, ...init }: Omit<RequestInit, 'headers'> & { readonly headers?: object } = {},
): Promise<Response> {
  return fetch(gateway.url + path, {
    ...init,
    headers: {
      'x-forwarded-for': nextAddress(),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
}

/** Of an answer; a gateway that is starved by a busy machine refuses for a while, whoever asks. */
async function statusOf(request: () => Promise<Response>): Promise<number> {
  for (let tries = 0; ; tries++) {
    const response = await request();
    const isStarved = response.status === 503 && /more to do than it can/.test(await response.text());
    if (!isStarved || tries === 30) return response.status;
    await delay(1000);
  }
}

const json = (body: object): { readonly body: string; readonly headers: object } => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

describe('each role, at each operation of openapi.json', () => {
  it.each<Role>(['none', 'view', 'operate', 'admin'])('%s may do what it may, and no more', async (role) => {
    const document = (await (await ask('/openapi.json')).json()) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    };
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) =>
        method === 'parameters' ? [] : [{ path, method, needed: operation['x-required-role'] }],
      ),
    );
    const wrong: string[] = [];
    for (const { path, method, needed } of operations) {
      // Nothing of this name is there, so that what is allowed changes nothing.
      const url = path.replaceAll(/\{\w+\}/g, 'nothing');
      const token = role === 'none' ? undefined : TOKENS[role];
      const status = await statusOf(() => ask(url, token, { method: method.toUpperCase() }));
      const isAllowed = needed !== undefined && RANK.indexOf(role) >= RANK.indexOf(needed);
      const expected = isAllowed ? 'allowed' : role === 'none' ? 401 : 403;
      const found = status === 401 || status === 403 ? status : 'allowed';
      if (found !== expected) wrong.push(`${method} ${path} (${needed}): ${status}`);
    }

    expect(operations.length).toBeGreaterThan(30);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['people', { people: { names: ['Anna'] } }, 200],
    ['recording', { record: { enabled: false } }, 200],
    ['where recordings end', { record: { enabled: false, maxGb: 1 } }, 403],
    ['the source', { source: { url: 'test:' } }, 403],
    ['the name', { id: 'other' }, 403],
    ['targets', { targets: [] }, 403],
  ])('operate changes of a stream %s or does not', async (_name, patch, expected) => {
    const { status } = await ask('/api/v1/streams/hall', TOKENS.operate, { method: 'PATCH', ...json(patch) });

    expect(status).toBe(expected);
  });

  it('shows to a token of one stream that stream only', async () => {
    const listed = (await (await ask('/api/v1/streams', TOKENS.hall)).json()) as { id: string }[];
    const paths = ['/api/v1/streams/hall', '/api/v1/streams/door', '/api/v1/streams/nothing', '/metrics', '/s/door'];
    const statuses = await Promise.all(paths.map(async (path) => (await ask(path, TOKENS.hall)).status));

    expect(listed.map(({ id }) => id)).toEqual(['hall']);
    expect(statuses).toEqual([200, 403, 403, 403, 403]);
  });

  it('tells nobody without a token which streams there are', async () => {
    const ready = (await (await ask('/readyz')).json()) as { streams: object };
    const page = await ask('/s/hall');
    const missing = await ask('/s/nothing');

    expect(ready.streams).toEqual({});
    expect([page.status, missing.status]).toEqual([401, 401]);
    expect(page.headers.get('www-authenticate')).toContain('Bearer');
  });
});

describe('the WebSocket', () => {
  const open = async (headers: Record<string, string>, protocols: string[] = []): Promise<WebSocket | number> => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws`, protocols, {
      headers: { 'x-forwarded-for': nextAddress(), ...headers },
    });
    const status = await new Promise<number | undefined>((resolve) => {
      socket.once('open', () => resolve(undefined));
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('error', () => undefined);
    });
    return status ?? socket;
  };
  const base64 = (text: string): string => Buffer.from(text).toString('base64url');

  it.each<[string, Record<string, string>, string[], number | undefined]>([
    ['nothing', {}, [], 401],
    ['a wrong token', { authorization: 'Bearer wrong-wrong-wrong' }, [], 401],
    ['a token in its header', { authorization: `Bearer ${TOKENS.view}` }, [], undefined],
    ['a token among its subprotocols', {}, ['diptych', `diptych.token.${base64(TOKENS.view)}`], undefined],
  ])('with %s', async (_name, headers, protocols, status) => {
    const socket = await open(headers, protocols);

    if (socket instanceof WebSocket) socket.terminate();
    expect(typeof socket === 'number' ? socket : undefined).toBe(status);
  });

  it('lets a token of one stream subscribe to that stream only', async () => {
    const socket = (await open({ authorization: `Bearer ${TOKENS.hall}` })) as WebSocket;
    const answers: { ok?: boolean; data?: { streams?: { id: string }[] }; error?: { code: string } }[] = [];
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as (typeof answers)[number] & { type: string };
      if (message.type === 'response') answers.push(message);
    });
    const asked = [
      { type: 'hello', version: 2 },
      ...['hall', 'door'].map((streamId) => ({ type: 'subscribe', streamId })),
    ];
    asked.forEach((request, id) => socket.send(JSON.stringify({ id, ...request })));
    await vi.waitFor(() => expect(answers).toHaveLength(3), { timeout: 20_000 });
    socket.terminate();

    expect(answers[0]?.data?.streams?.map(({ id }) => id)).toEqual(['hall']);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(answers[2]?.error?.code).toBe('DIPTYCH_E_FORBIDDEN');
  });
});

describe('signing in', () => {
  const signIn = (token: string, headers: object = {}): Promise<Response> => {
    const { body, headers: type } = json({ token });
    return ask('/api/v1/session', undefined, { method: 'POST', body, headers: { ...type, ...headers } });
  };
  const cookieOf = (response: Response): string => response.headers.get('set-cookie') ?? '';

  it('gives a cookie that no script and no other site has, and that ends with signing out', async () => {
    const plain = await signIn(TOKENS.operate);
    const secure = await signIn(TOKENS.operate, { 'x-forwarded-proto': 'https' });
    const cookie = cookieOf(plain).split(';', 1)[0] ?? '';
    const before = await ask('/api/v1/streams', undefined, { headers: { cookie } });
    const out = await ask('/api/v1/session', undefined, { method: 'DELETE', headers: { cookie } });
    const after = await ask('/api/v1/streams', undefined, { headers: { cookie } });

    expect(cookieOf(plain)).toMatch(/^diptych-\d+=dpp_[\w.-]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookieOf(secure)).toMatch(/; Secure/);
    expect([before.status, out.status, after.status]).toEqual([200, 204, 401]);
    expect(cookie).not.toContain(TOKENS.operate);
  });

  it('lets an address that has tried ten wrong tokens wait, with the right one as well, and no other address', async () => {
    const address = { 'x-forwarded-for': '203.0.113.7' };
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries++) statuses.push((await signIn(`wrong-wrong-${tries}`, address)).status);
    const right = await ask('/api/v1/streams', TOKENS.view, { headers: address });
    const elsewhere = await ask('/api/v1/streams', TOKENS.view);

    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    expect(right.status).toBe(429);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(((await right.json()) as { code: string }).code).toBe('DIPTYCH_E_TOO_MANY_FAILURES');
    expect(elsewhere.status).toBe(200);
  });

  it('counts the addresses of one IPv6 network as one: a machine has all of them', async () => {
    const from = (host: string): Record<string, string> => ({ 'x-forwarded-for': `2001:db8:1:2::${host}` });
    for (let tries = 0; tries < 10; tries++) await signIn(`wrong-wrong-${tries}`, from(String(tries)));
    const same = await signIn('wrong-wrong-wrong', from('ffff'));
    const other = await signIn('wrong-wrong-wrong', { 'x-forwarded-for': '2001:db8:1:3::1' });

    expect([same.status, other.status]).toEqual([429, 401]);
  });

  it('does not take a cookie that was changed', async () => {
    const cookie = cookieOf(await signIn(TOKENS.view)).split(';', 1)[0] ?? '';
    const { status } = await ask('/api/v1/streams', undefined, { headers: { cookie: `${cookie.slice(0, -3)}AAA` } });

    expect(status).toBe(401);
  });
});

describe('a link for a guest', () => {
  const invite = async (body: object, token = TOKENS.operate): Promise<Response> =>
    ask('/api/v1/guest-links', token, { method: 'POST', ...json(body) });

  it('lets watch the one stream, in the clean view and by WHEP as well, and nothing more', async () => {
    const link = (await (await invite({ stream: 'hall' })).json()) as Record<'token' | 'cleanView' | 'whep', string>;
    const asked = ['/api/v1/streams/hall', '/api/v1/streams/door', '/api/v1/streams/hall/config'];
    const statuses = await Promise.all(asked.map(async (path) => (await ask(path, link.token)).status));
    const clean = await ask(link.cleanView);
    const page = await ask(link.cleanView.replace('view=clean&', ''));
    const offer = await ask(link.whep, undefined, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: 'x',
    });
    const again = await invite({ stream: 'hall' }, link.token);
    const who = async (token: string): Promise<object> =>
      (await ask('/api/v1/session', token)).json() as Promise<object>;

    expect(await who(link.token)).toMatchObject({ isGuest: true, role: 'view', streams: ['hall'] });
    expect(await who(TOKENS.view)).not.toHaveProperty('isGuest');
    expect(statuses).toEqual([200, 403, 403]);
    expect([clean.status, page.status, offer.status, again.status]).toEqual([200, 401, 400, 403]);
  });

  it('ends when it says, and what was opened with it', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    try {
      const link = (await (await invite({ stream: 'hall', validS: 60 })).json()) as { token: string };
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws`, {
        headers: { authorization: `Bearer ${link.token}` },
      });
      await once(socket, 'open');
      const closed = once(socket, 'close');
      const before = await ask('/api/v1/streams/hall', link.token);
      vi.setSystemTime(Date.now() + 61_000);
      const after = await ask('/api/v1/streams/hall', link.token);

      expect([before.status, after.status]).toEqual([200, 401]);
      expect(((await after.json()) as { detail: string }).detail).toContain('expired');
      expect((await closed)[0]).toBe(4001);
    } finally {
      vi.useRealTimers();
    }
  });
});
