import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { streamBodySchema, targetBodySchema } from '#src/gateway/api/schemas.js';
import { slotActionSchema } from '#src/gateway/api/slot-schema.js';
import { toSchemaNode } from '#src/shared/config/json-schema.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyText, anyValue, editText } from '../harness/junk.js';
import { nearlyRight } from '../harness/schema-values.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.js';

/** An answer to wrong input is short, whatever the input was. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** Without an answer for so long, ms, the gateway hangs, and the failure names the request. */
const LIMIT_MS = 25_000;

const code = z.string().regex(/^DIPTYCH_E_[A-Z_]+$/);
const failureSchema = z.strictObject({
  type: z.string().startsWith('/api/v1/problems/'),
  title: z.string().min(8),
  status: z.int().min(400),
  detail: z.string().min(8),
  instance: z.string().startsWith('/').optional(),
  code,
  error: z.strictObject({ code, message: z.string().min(8) }),
});

let gateway: GatewayProcess;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  gateway = await startGatewayProcess();
});

afterAll(async () => {
  agent.destroy();
  await gateway.expectHealthy();
  await gateway.close();
});

interface Answer {
  readonly status: number;
  readonly location?: string;
  readonly body: Buffer;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function call({ method, path, headers = {}, body }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Node leaves the length out for GET and its like, and the body would be read as the next request.
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request(gateway.url + path, { method, headers: { ...headers, ...length }, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const { location } = response.headers;
        resolve({
          status: response.statusCode ?? 0,
          ...(location !== undefined && { location }),
          body: Buffer.concat(parts),
        });
      });
    });
    sent.on('error', reject);
    sent.setTimeout(LIMIT_MS, () => sent.destroy(new Error(`no answer in ${LIMIT_MS} ms`)));
    sent.end(body);
  });
}

/** What a person gets in a browser where there is nothing. */
const isPage = ({ status, body }: Pick<Answer, 'status' | 'body'>): boolean =>
  status === 404 && body.toString().startsWith('<!doctype html>');

/** `/readyz` while the gateway is not ready: a document of its own, which says why. */
const readinessSchema = z.object({ ready: z.literal(false), reason: z.string().min(8) });

function expectClear({ path: asked }: Pick<Call, 'path'>, { status, body }: Pick<Answer, 'status' | 'body'>): void {
  if (status < 400 || isPage({ status, body })) return;
  if (status === 503 && /^\/readyz(\?|$)/.test(asked)) {
    readinessSchema.parse(JSON.parse(body.toString()));
    return;
  }
  const failure = failureSchema.parse(JSON.parse(body.toString()));
  const { error } = failure;
  expect([failure.status, failure.code, failure.detail]).toEqual([status, error.code, error.message]);
  expect(status === 503 ? error.code : status < 500).toBe(status === 503 ? 'DIPTYCH_E_NOT_READY' : true);
  expect(body.length).toBeLessThan(MAX_ANSWER_BYTES);
}

const nested = fc
  .tuple(fc.constantFrom('{"a":', '[', '{"source":', '{"slots":{"labels":['), fc.integer({ min: 1, max: 9000 }))
  .map(([open, depth]) => open.repeat(depth) + '1' + (open.includes('{') ? '}' : ']').repeat(depth));
const many = fc
  .integer({ min: 1, max: 4000 })
  .map((n) => `{${Array.from({ length: n }, (_, i) => `"k${i}":1`).join(',')}}`);

const json = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> => value.map((each) => JSON.stringify(each));
const bodyOf = (schema: z.ZodType): fc.Arbitrary<string> => json(nearlyRight(toSchemaNode(schema)));
const right = fc.oneof(bodyOf(streamBodySchema), bodyOf(targetBodySchema), ...slotActionSchema.options.map(bodyOf));
const PIECES = [
  '"',
  '{',
  '}',
  '[',
  ',',
  ':',
  'null',
  '1e999',
  '-',
  '\\u0000',
  '\\ud800',
  '\0',
  '"__proto__":1,',
  '\ufeff',
  'é',
  '//',
];
const anyBody = fc.oneof(
  { weight: 6, arbitrary: right },
  { weight: 2, arbitrary: fc.tuple(right, anyEdits).map(([text, edits]) => editText(text, edits, PIECES)) },
  { weight: 1, arbitrary: json(anyValue) },
  { weight: 1, arbitrary: fc.oneof(nested, many) },
);

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constant('hall') },
  { weight: 1, arbitrary: anyText.map((text) => new URLSearchParams({ text }).toString().slice('text='.length)) },
  { weight: 1, arbitrary: fc.constantFrom('%00', '%ff', '%zz', '..', '%2e%2e%2f', 'a'.repeat(200), '__proto__', '.') },
);
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.tuple(anyText, anyText).map((pair) => `?${new URLSearchParams([pair]).toString()}`) },
);
/** What is served beside the documented API. */
const OTHER_PATHS = [
  '/s/:',
  '/assets/:',
  '/',
  '/metrics',
  '/readyz',
  '/openapi.json',
  '/:',
  '/whep/:',
  '/whip/:',
  '/ws',
];

/** Every path that the gateway documents, so that a new one is tried without being named here. */
async function documentedPaths(): Promise<string[]> {
  const { body } = await call({ method: 'GET', path: '/openapi.json' });
  const { paths } = z.object({ paths: z.record(z.string(), z.unknown()) }).parse(JSON.parse(body.toString()));
  return Object.keys(paths).map((template) => template.replaceAll(/\{\w+\}/g, ':'));
}

const pathsOf = (templates: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...templates), name, name, query)
    .map(([template, id, second, end]) => template.replace(':', id).replaceAll(':', second) + end);

const method = fc.constantFrom(
  'GET',
  'POST',
  'POST',
  'PATCH',
  'PATCH',
  'PUT',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'PROPFIND',
  'QUERY',
);
const headers = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ 'content-type': 'application/json' }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        'text/plain',
        '',
        'application/json; charset=utf-16',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
        'a/b;;;',
      )
      .map((type) => ({ 'content-type': type })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ 'content-type': 'application/json', 'content-encoding': 'gzip', range: 'bytes=9-1' }),
  },
);

/** Whether a request does more than a test of input wants: it would end the stream that all other requests ask. */
const isEnd = (call: Call): boolean => call.method === 'DELETE' && /^\/api\/v1\/streams\/hall(\?|$)/.test(call.path);

/** A stream that was given another name gets its own back: requests ask for that. */
async function restoreName({ method, path }: Call): Promise<void> {
  if (!['PATCH', 'PUT'].includes(method) || !path.startsWith('/api/v1/streams/hall')) return;
  const { body } = await call({ method: 'GET', path: '/api/v1/streams' });
  const ids = z
    .array(z.object({ id: z.string() }))
    .parse(JSON.parse(body.toString()))
    .map(({ id }) => id);
  const [renamed] = ids.includes('hall') ? [] : ids.filter((id) => id !== 'open');
  if (renamed === undefined) return;
  const back = { method: 'PATCH', path: `/api/v1/streams/${encodeURIComponent(renamed)}`, body: '{"id":"hall"}' };
  expect((await call({ ...back, headers: { 'content-type': 'application/json' } })).status).toBe(200);
}

it('requests of any kind are answered, wrong ones by one clear error', async () => {
  const documented = await documentedPaths();
  expect(documented.length).toBeGreaterThan(10);
  await fuzz<Call>({
    name: 'api',
    usually: 2000,
    memory: () => gateway.memory(),
    inputs: fc
      .record({ method, path: pathsOf([...documented, ...OTHER_PATHS]), headers, body: anyBody })
      .filter((each) => !isEnd(each))
      .map(({ body, ...rest }) => (rest.method === 'HEAD' ? rest : { ...rest, body })),
    check: async (input) => {
      const answer = await call(input);

      if (input.method !== 'HEAD') expectClear(input, answer);
      // A stream or a target that was right after all does not stay.
      if (answer.status === 201 && answer.location !== undefined) {
        expect((await call({ method: 'DELETE', path: answer.location })).status).toBe(204);
      }
      if (answer.status < 300) await restoreName(input);
    },
  });
});

/** Sends bytes as they are, and no more; resolves with everything that came back. */
async function exchange(bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(bytes);
  await closed;
  return Buffer.concat(parts).toString('latin1');
}

const REQUESTS = [
  'GET /api/v1/streams HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'POST /api/v1/streams/hall/slots HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{"action":"swap"}',
  'POST /api/v1/streams HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x85abcd\0\0\0\0\0',
];
const BYTES = [
  '\r\n',
  '\n',
  '\0',
  ' ',
  ':',
  '\xff',
  'HTTP/1.1',
  'HTTP/9.9',
  '%',
  'http://[',
  '//',
  'Content-Length: -1\r\n',
  'Transfer-Encoding: x\r\n',
  'Expect: 100-continue\r\n',
  'A: b\r\n'.repeat(300),
  '\x81\xff',
  '\x88\x80',
];

it('bytes that are no HTTP end the connection, and an answer is one of ours', () =>
  fuzz({
    name: 'http-bytes',
    memory: () => gateway.memory(),
    inputs: fc.tuple(fc.constantFrom(...REQUESTS), anyEdits).map(([text, edits]) => editText(text, edits, BYTES)),
    check: async (text) => {
      const answer = await exchange(Buffer.from(text, 'latin1'));

      const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
      expect(/content-type: application\/json/i.test(head) && status >= 400).toBe(false);
      expect([0, 100, 101, 200, 204, 201].includes(status) || (status >= 400 && status < 500)).toBe(true);
      if (/content-type: application\/problem/i.test(head)) failureSchema.parse(JSON.parse(body));
    },
  }));
