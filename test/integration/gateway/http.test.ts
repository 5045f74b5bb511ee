import { describe, expect, it, vi } from 'vitest';
import { hallGateway } from './fixture/hall-gateway.js';
import { startTestGateway } from './fixture/test-gateway.js';

const SECONDS = 1000;

const { call, viewOf, gateway, viewerFolder } = hallGateway();

describe('targets', () => {
  it('come and go by request', async () => {
    const added = await call('POST', '/api/v1/streams/hall/targets', { url: 'rtmp://tv.invalid/live/another' });
    expect(added).toMatchObject({ status: 201, body: { id: 'target-1', url: 'rtmp://tv.invalid/live/***' } });

    const double = await call('POST', '/api/v1/streams/hall/targets', {
      url: 'rtmp://TV.invalid:1935/live',
      key: 'another',
    });
    expect(double).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'DIPTYCH_E_CONFLICT',
          message: expect.stringContaining('target target-1 of stream "hall"') as string,
        },
      },
    });

    const listed = await call('GET', '/api/v1/streams/hall/targets');
    expect((listed.body as { id: string }[]).map(({ id }) => id)).toEqual(['tv', 'target-1']);

    const removed = await call('DELETE', '/api/v1/streams/hall/targets/target-1');
    expect(removed.status).toBe(204);
    expect((await viewOf('hall')).targets.map(({ id }) => id)).toEqual(['tv']);
  });
});

describe('a wrong request', () => {
  it.each<[string, string, string, unknown, number, string, RegExp]>([
    ['an unknown path', 'GET', '/api/v1/nothing', undefined, 404, 'DIPTYCH_E_NOT_FOUND', /there is no GET/],
    ['an unknown stream', 'GET', '/api/v1/streams/x', undefined, 404, 'DIPTYCH_E_NOT_FOUND', /"x"; there is: .*"hall"/],
    ['an unknown target', 'DELETE', '/api/v1/streams/hall/targets/x', undefined, 404, 'DIPTYCH_E_NOT_FOUND', /"x"/],
    [
      'a name that is taken',
      'POST',
      '/api/v1/streams',
      { id: 'hall', source: { url: 'test:' } },
      409,
      'DIPTYCH_E_CONFLICT',
      /hall/,
    ],
    [
      'a target that is there',
      'POST',
      '/api/v1/streams/hall/targets',
      { id: 'tv', url: 'rtmp://h/a/k' },
      409,
      'DIPTYCH_E_CONFLICT',
      /tv/,
    ],
    [
      'a stream without a source',
      'POST',
      '/api/v1/streams',
      { id: 'x' },
      400,
      'DIPTYCH_E_BAD_INPUT',
      /^source: is missing/,
    ],
    [
      'a misspelt option',
      'POST',
      '/api/v1/streams',
      { source: { url: 'test:', uzer: 'a' } },
      400,
      'DIPTYCH_E_BAD_INPUT',
      /"user"\?/,
    ],
    [
      'a misspelt change',
      'PATCH',
      '/api/v1/streams/hall',
      { output: { fpz: 1 } },
      400,
      'DIPTYCH_E_BAD_INPUT',
      /"fps"\?/,
    ],
    ['a name that is none', 'PATCH', '/api/v1/streams/hall', { id: '-x' }, 400, 'DIPTYCH_E_BAD_INPUT', /^id: /],
    [
      'a secret that is not there',
      'PATCH',
      '/api/v1/streams/hall/config',
      { source: { password: '***' } },
      400,
      'DIPTYCH_E_BAD_INPUT',
      /^source\.password: \*\*\* stands for a secret/,
    ],
    [
      'an unknown order',
      'POST',
      '/api/v1/streams/hall/slots',
      { action: 'dance' },
      400,
      'DIPTYCH_E_BAD_INPUT',
      /action/,
    ],
    ['no body', 'POST', '/api/v1/streams/hall/slots', undefined, 400, 'DIPTYCH_E_BAD_INPUT', /action/],
    ['broken JSON', 'POST', '/api/v1/streams', '{', 400, 'DIPTYCH_E_BAD_INPUT', /JSON/],
    ['a huge body', 'POST', '/api/v1/streams', { id: 'x'.repeat(100_000) }, 413, 'DIPTYCH_E_LIMIT_SIZE', /large/],
    ['a way out of the folder', 'GET', '/assets/..%2f..%2fpackage.json', undefined, 404, 'DIPTYCH_E_NOT_FOUND', /./],
    ['another way out', 'GET', '/assets/%2e%2e/%2e%2e/package.json', undefined, 404, 'DIPTYCH_E_NOT_FOUND', /./],
  ])('%s is answered with a code and what to do', async (_name, method, path, body, status, code, message) => {
    const answer = await call(method, path, body);

    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect((answer.body as { error: { message: string } }).error.message).toMatch(message);
  });

  it('in a form that pages of other sites can send is refused', async () => {
    const answer = await call('POST', '/api/v1/streams', '{"source":{"url":"test:"}}', {
      'content-type': 'text/plain',
    });

    expect(answer.status).toBe(415);
  });
});

describe('the service', () => {
  it('is alive and ready', async () => {
    expect(await call('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await call('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, streams: { hall: 'live' } },
    });
  });

  it('counts', async () => {
    const { body, type } = await call('GET', '/metrics');

    expect(type).toContain('text/plain');
    expect(body).toMatch(/^diptych_frames_out_total\{stream="hall"\} [1-9]/m);
    expect(body).toMatch(/^diptych_process_resident_memory_bytes\{process="stream",stream="hall"\} [1-9]/m);
  });

  it('describes every route it has', async () => {
    const { body } = await call('GET', '/openapi.json');
    const document = body as { openapi: string; paths: Record<string, Record<string, { responses: object }>> };

    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([
      '/api/v1/guest-links',
      '/api/v1/probe',
      '/api/v1/problems',
      '/api/v1/problems/{code}',
      '/api/v1/recordings',
      '/api/v1/session',
      '/api/v1/streams',
      '/api/v1/streams/{id}',
      '/api/v1/streams/{id}/config',
      '/api/v1/streams/{id}/events',
      '/api/v1/streams/{id}/recordings',
      '/api/v1/streams/{id}/recordings/{name}',
      '/api/v1/streams/{id}/restart',
      '/api/v1/streams/{id}/shot',
      '/api/v1/streams/{id}/slots',
      '/api/v1/streams/{id}/snapshot.jpg',
      '/api/v1/streams/{id}/targets',
      '/api/v1/streams/{id}/targets/{targetId}',
      '/api/v1/streams/{id}/targets/{targetId}/retry',
      '/healthz',
      '/metrics',
      '/openapi.json',
      '/readyz',
      '/whep/{id}',
      '/whep/{id}/{session}',
      '/whip/{id}',
      '/whip/{id}/{session}',
    ]);
    expect(Object.keys(document.paths['/api/v1/streams/{id}'] ?? {})).toEqual(['get', 'patch', 'delete']);
  });

  it.each(['/', '/s/hall'])('shows the page at %s, which may load nothing from elsewhere', async (path) => {
    const response = await fetch(gateway().url + path);

    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await response.text()).toContain('src="assets/viewer.js"');
  });
});

describe('a stream', () => {
  it('that is renamed goes on: the same process, under the new name only', async () => {
    const { pid } = gateway().registry.get('hall');

    const { status, body } = await call('PATCH', '/api/v1/streams/hall/config', { id: 'foyer' });

    expect(status).toBe(200);
    expect(body).toMatchObject({ config: { id: 'foyer' }, changed: { live: ['id'], restart: [] } });
    expect(gateway().registry.get('foyer').pid).toBe(pid);
    expect((await call('GET', '/api/v1/streams/hall')).status).toBe(404);
    await call('PATCH', '/api/v1/streams/foyer', { id: 'hall' });
  });
});

describe('a gateway', () => {
  it.each([
    ['/s/nosuch', 'text/html', 404, 'text/html'],
    ['/publish/nosuch', 'text/html', 404, 'text/html'],
    ['/foo', 'text/html,application/xhtml+xml', 404, 'text/html'],
    ['/foo', 'application/json', 404, 'application/problem+json'],
    ['/publish/hall', 'text/html', 200, 'text/html'],
  ])('answers %s, asked for as %s, with %i as %s', async (path, accept, status, type) => {
    const response = await fetch(gateway().url + path, { headers: { accept } });

    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain(type);
  });

  it('that finds its port taken says which and what to do', async () => {
    const port = Number(new URL(gateway().url).port);

    await expect(startTestGateway(viewerFolder(), '[]', port)).rejects.toMatchObject({
      code: 'DIPTYCH_E_CONFLICT',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
  });

  it('ends although a stream process does not listen, and twice as well as once', async () => {
    const other = await startTestGateway(viewerFolder(), '[{ source: { url: "rtsp://deaf/" } }]');
    const stream = other.registry.get('main');
    await vi.waitFor(
      () => {
        expect(stream.status.state).toBe('live');
      },
      { timeout: 20 * SECONDS },
    );
    const { pid } = stream;

    await Promise.all([other.close(), other.close()]);

    expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
  });
});
