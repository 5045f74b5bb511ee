import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import openapiTS, { astToString } from 'openapi-typescript';
import createClient from 'openapi-fetch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { packagePath } from '#src/shared/package-root.js';
import { apiClient, HALL } from './fixture/api-client.js';
import { apiPage, type ApiDocument, type MadeRequest } from './fixture/api-page.js';
import type { paths } from './fixture/openapi.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

const HALL_ID = { params: { path: { id: 'hall' } } } as const;
/** What has a default may be left out of what is sent. */
const OPTIONAL_DEFAULTS = { defaultNonNullable: false };
const NOT_THERE = '00000000-0000-0000-0000-000000000000';

/** The first request of each operation. */
const examples = new Map<string, MadeRequest>();

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const { untilLive } = apiClient(() => gateway);

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
let folder: string;
let source: string;

beforeAll(async () => {
  viewer = await buildTestViewer();
  folder = mkdtempSync(join(tmpdir(), 'diptych-openapi-'));
  gateway = await startTestGateway(viewer.directory, HALL, 0, '', `recordings: { folder: ${folder} }`);
  await untilLive('hall');
  source = await (await fetch(`${gateway.url}/openapi.json`)).text();
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
  rmSync(folder, { recursive: true });
});

it("is without an error for Redocly's lint, by its recommended rules", async () => {
  const config = await createConfig({ extends: ['recommended'] });

  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });

  const told = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer ?? ''}`);
  expect(told).toEqual([]);
});

it('has the types that the client below is compiled with (vitest -u writes them)', async () => {
  const { info, ...document } = JSON.parse(source) as { info: Record<string, unknown> };
  const types = astToString(
    await openapiTS(JSON.stringify({ ...document, info: { ...info, version: '0' } }), OPTIONAL_DEFAULTS),
  );

  await expect(types).toMatchFileSnapshot('fixture/openapi.d.ts');
});

/** Each operation of the document, called by a client that was made of it. */
it('describes what its operations take and answer: a generated client calls each of them', async () => {
  const document = JSON.parse(source) as Document;
  const operations = new Map<string, Operation>(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) =>
        method === 'parameters' ? [] : [[`${method.toUpperCase()} ${path}`, operation] as const],
      ),
    ),
  );
  const called = new Set<string>();
  const undescribed: string[] = [];
  const client = createClient<paths>({ baseUrl: gateway.url });
  const bodies = new WeakMap<Request, string>();
  client.use({
    onRequest: async ({ request }) => void bodies.set(request, await request.clone().text()),
    onResponse: ({ request, response, schemaPath }) => {
      const key = `${request.method} ${schemaPath}`;
      called.add(key);
      const { operationId = '' } = operations.get(key) ?? {};
      if (!examples.has(operationId))
        examples.set(operationId, madeRequest(request, bodies.get(request) ?? '', response));
      if (operations.get(key)?.responses[response.status] === undefined) undescribed.push(`${key}: ${response.status}`);
    },
  });

  await callStreams(client);
  await callParts(client);
  await callService(client);
  await callWebRtc(client);

  expect(undescribed).toEqual([]);
  expect([...operations.keys()].filter((key) => !called.has(key))).toEqual([]);
  expect(new Set([...operations.values()].map(({ operationId }) => operationId)).size).toBe(operations.size);
});

it('is told by docs/api.md, with the requests of the test before (vitest -u writes them)', async () => {
  const docs = packagePath('docs/api.md');
  const begin = '<!-- operations -->';
  const text = await readFile(docs, 'utf8');

  const page = apiPage(JSON.parse(source) as ApiDocument, examples);

  await expect(`${text.slice(0, text.indexOf(begin))}${begin}\n\n${page}`).toMatchFileSnapshot(docs);
});

function madeRequest(request: Request, body: string, { status }: Response): MadeRequest {
  const { pathname, search } = new URL(request.url);
  const contentType = request.headers.get('content-type');
  return { method: request.method, path: pathname + search, body, contentType, status };
}

type Client = ReturnType<typeof createClient<paths>>;

async function callStreams(client: Client): Promise<void> {
  const added = await client.POST('/api/v1/streams', { body: { id: 'new', source: { url: 'test:' } } });
  const listed = await client.GET('/api/v1/streams');
  const path = { path: { id: 'new' } };
  const one = await client.GET('/api/v1/streams/{id}', { params: path });
  const changed = await client.PATCH('/api/v1/streams/{id}', { params: path, body: { slots: { labels: ['Anna'] } } });
  const config = await client.GET('/api/v1/streams/{id}/config', { params: path });
  const patched = await client.PATCH('/api/v1/streams/{id}/config', { params: path, body: { output: { fps: 20 } } });
  const replaced = await client.PUT('/api/v1/streams/{id}/config', {
    params: path,
    body: { id: 'new', source: { url: 'test:' } },
  });
  const restarted = await client.POST('/api/v1/streams/{id}/restart', { params: path });
  const events = await client.GET('/api/v1/streams/{id}/events', { params: { ...path, query: { limit: 5 } } });
  const deleted = await client.DELETE('/api/v1/streams/{id}', { params: path });
  const gone = await client.GET('/api/v1/streams/{id}', { params: path });

  expect(added.data?.state).toBe('connecting');
  expect(listed.data?.map(({ id }) => id)).toEqual(['hall', 'new']);
  expect(one.data?.source.url).toBe('test:');
  expect(changed.data?.changed).toEqual({ live: ['slots.labels'], restart: [] });
  expect(config.data?.slots.labels).toEqual(['Anna']);
  expect(patched.data?.config.output.fps).toBe(20);
  expect(replaced.data?.changed.restart).toEqual(['output.fps']);
  expect(restarted.data?.id).toBe('new');
  expect(events.data).toContainEqual(expect.objectContaining({ text: expect.stringMatching(/\.$/) as string }));
  expect(deleted.response.status).toBe(204);
  expect(gone.error?.code).toBe('DIPTYCH_E_NOT_FOUND');
}

async function callParts(client: Client): Promise<void> {
  const target = { params: { path: { id: 'hall', targetId: 'two' } } };
  const added = await client.POST('/api/v1/streams/{id}/targets', {
    ...HALL_ID,
    body: { id: 'two', url: 'rtmp://two.invalid/live', key: 'geheim' },
  });
  const listed = await client.GET('/api/v1/streams/{id}/targets', HALL_ID);
  const retried = await client.POST('/api/v1/streams/{id}/targets/{targetId}/retry', target);
  const removed = await client.DELETE('/api/v1/streams/{id}/targets/{targetId}', target);
  const swapped = await client.POST('/api/v1/streams/{id}/slots', { ...HALL_ID, body: { action: 'swap' } });
  const held = await client.POST('/api/v1/streams/{id}/shot', { ...HALL_ID, body: { action: 'hold', kind: 'wide' } });
  const picture = await client.GET('/api/v1/streams/{id}/snapshot.jpg', { ...HALL_ID, parseAs: 'arrayBuffer' });
  const names = await client.GET('/api/v1/recordings');
  const recordings = await client.GET('/api/v1/streams/{id}/recordings', HALL_ID);
  const recording = { params: { path: { id: 'hall', name: 'none.mp4' } } };
  const unread = await client.GET('/api/v1/streams/{id}/recordings/{name}', { ...recording, parseAs: 'arrayBuffer' });
  const kept = await client.DELETE('/api/v1/streams/{id}/recordings/{name}', recording);

  expect(added.data?.url).not.toContain('geheim');
  expect(listed.data?.map(({ id }) => id)).toEqual(['tv', 'two']);
  expect([retried, removed, swapped, held].map(({ response }) => response.status)).toEqual([204, 204, 204, 204]);
  expect(new Uint8Array(picture.data as ArrayBuffer).slice(0, 2)).toEqual(new Uint8Array([0xff, 0xd8]));
  expect([names.data, recordings.data]).toEqual([[], []]);
  expect([unread, kept].map(({ response }) => response.status)).toEqual([404, 404]);
}

async function callService(client: Client): Promise<void> {
  const health = await client.GET('/healthz');
  const readiness = await client.GET('/readyz');
  const metrics = await client.GET('/metrics', { parseAs: 'text' });
  const openApi = await client.GET('/openapi.json');
  const problems = await client.GET('/api/v1/problems');
  const problem = await client.GET('/api/v1/problems/{code}', { params: { path: { code: 'DIPTYCH_E_LIMIT_PROBES' } } });
  const session = await client.GET('/api/v1/session');
  const signedIn = await client.POST('/api/v1/session', { body: { token: 'not needed here' } });
  const signedOut = await client.DELETE('/api/v1/session');
  const link = await client.POST('/api/v1/guest-links', { body: { stream: 'hall' } });
  const probe = await client.POST('/api/v1/probe', { body: { url: 'test:' } });
  const failed = await client.POST('/api/v1/probe', { body: { url: 'rtsp://127.0.0.1:1/x' } });

  expect(health.data?.status).toBe('ok');
  expect(readiness.data?.streams['hall']).toBe('live');
  expect(metrics.data).toContain('diptych_');
  expect(openApi.data).toHaveProperty('openapi', '3.1.0');
  expect(problems.data).toContainEqual(problem.data);
  expect([session, signedIn].map(({ data }) => data?.role)).toEqual(['admin', 'admin']);
  expect([signedOut, link].map(({ response }) => response.status)).toEqual([204, 409]);
  expect(probe.error ?? probe.data).toMatchObject({
    width: 1280,
    height: 720,
    thumbnail: expect.stringMatching(/^data:image/) as string,
  });
  expect(failed.error?.code).toBe('DIPTYCH_E_SOURCE_REFUSED');
}

/** What is no SDP and no session: that of whole sessions is tested where players and publishers are. */
async function callWebRtc(client: Client): Promise<void> {
  const asIs = { bodySerializer: (body: string) => body };
  const offer = { ...HALL_ID, ...asIs, body: 'v=0', headers: { 'content-type': 'application/sdp' } };
  const session = { path: { id: 'hall', session: NOT_THERE } };
  const fragment = {
    ...{ params: { ...session, header: { 'if-match': '*' } }, ...asIs, body: 'a=ice-ufrag:x\r\n' },
    headers: { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*' },
  };
  for (const path of ['/whip/{id}', '/whep/{id}'] as const) {
    const looked = [
      await client.OPTIONS(path, HALL_ID),
      await client.GET(path, HALL_ID),
      await client.HEAD(path, HALL_ID),
    ];
    const posted = await client.POST(path, offer);
    expect(looked.map(({ response }) => response.status)).toEqual([200, 204, 204]);
    expect([400, 409]).toContain(posted.response.status);
  }
  for (const path of ['/whip/{id}/{session}', '/whep/{id}/{session}'] as const) {
    const params = { params: session };
    const looked = [
      await client.OPTIONS(path, params),
      await client.GET(path, params),
      await client.HEAD(path, params),
    ];
    const patched = await client.PATCH(path, fragment);
    const ended = await client.DELETE(path, params);
    expect(looked.map(({ response }) => response.status)).toEqual([200, 204, 204]);
    expect([patched, ended].map(({ response }) => response.status)).toEqual([404, 404]);
  }
}
