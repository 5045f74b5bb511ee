import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { toSchemaNode } from '#src/shared/config/json-schema.js';
import { requestSchema } from '#src/shared/signaling/protocol.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyValue, editText } from '../harness/junk.js';
import { nearlyRight } from '../harness/schema-values.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.js';

let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await startGatewayProcess();
});

afterAll(async () => {
  await gateway.expectHealthy();
  await gateway.close();
});

interface Frame {
  readonly text: string;
  readonly isBinary: boolean;
}

const CODES = [{ mimeType: 'video/H264', kind: 'video', clockRate: 90_000, preferredPayloadType: 96, parameters: {} }];
const fingerprints = [{ algorithm: 'sha-256', value: Array(32).fill('AA').join(':') }];
/** What a viewer asks, in its order. */
const RIGHT = [
  { type: 'hello', version: 2 },
  { type: 'subscribe', streamId: 'hall' },
  { type: 'router-capabilities' },
  { type: 'create-transport' },
  { type: 'connect-transport', dtlsParameters: { role: 'client', fingerprints } },
  { type: 'consume', kind: 'video', rtpCapabilities: { codecs: CODES, headerExtensions: [] } },
  { type: 'resume', consumerId: 'x' },
  { type: 'stats' },
  { type: 'unsubscribe' },
];
const PIECES = [
  '"',
  '{',
  '}',
  '[',
  ',',
  ':',
  'null',
  '1e999',
  '-1',
  '\\u0000',
  '\\ud800',
  '"__proto__":1,',
  'a'.repeat(5000),
  '[[[[[[[[',
];

const rightText = fc.constantFrom(...RIGHT).map((message) => JSON.stringify({ ...message, id: 1 }));
const text = fc.oneof(
  { weight: 6, arbitrary: rightText },
  {
    weight: 4,
    arbitrary: fc
      .oneof(...requestSchema.options.map((option) => nearlyRight(toSchemaNode(option))))
      .map((value) => JSON.stringify(value)),
  },
  { weight: 3, arbitrary: fc.tuple(rightText, anyEdits).map(([right, edits]) => editText(right, edits, PIECES)) },
  { weight: 1, arbitrary: anyValue.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.nat({ max: 20_000 }).map((depth) => '{"type":'.repeat(depth).slice(0, 60_000)) },
);
const frame = fc.record<Frame>({
  text,
  isBinary: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, fc.constant(true)),
});
/** Fewer than the messages that a connection may get wrong. */
const anySequence = fc.array(frame, { minLength: 1, maxLength: 12 });
const toFrame = (message: object): Frame => ({ text: JSON.stringify({ ...message, id: 1 }), isBinary: false });
/** Half of them come from a viewer that already has a transport. */
const sequence = fc.oneof(
  anySequence,
  anySequence.map((frames) => [...RIGHT.slice(1, 4).map(toFrame), ...frames]),
);

interface Answer {
  readonly type?: string;
  readonly ok?: boolean;
  readonly error?: { readonly code?: string; readonly message?: string };
}

it('every message is answered, wrong ones by one clear error, and the connection goes on', () =>
  fuzz({
    name: 'messages',
    usually: 300,
    memory: () => gateway.memory(),
    inputs: sequence,
    check: async (frames) => {
      const answers = await converse(frames);

      expect(answers).toHaveLength(frames.length);
      for (const { error } of answers) {
        if (error === undefined) continue;
        expect(error.code).toMatch(/^DIPTYCH_E_(?!INTERNAL)/);
        expect(error.message?.length).toBeGreaterThan(5);
        expect(error.message?.length).toBeLessThan(2000);
      }
    },
  }));

/** Greets, sends each message, and keeps what answers one. */
async function converse(frames: readonly Frame[]): Promise<readonly Answer[]> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws`);
  const answers: Answer[] = [];
  const enough = new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as Answer;
      if (answer.type === 'response' || answer.type === 'error') answers.push(answer);
      if (answers.length > frames.length) resolve();
    });
    socket.on('close', (code, reason) => {
      // A wrong version is told, and ends the connection.
      if (code === 4000) resolve();
      else reject(new Error(`the connection was closed: ${code} ${reason.toString()}`));
    });
    socket.on('error', reject);
  });
  enough.catch(() => undefined);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'hello', id: 0, version: 2 }));
  for (const { text: content, isBinary } of frames) socket.send(isBinary ? Buffer.from(content) : content);
  await enough;
  const [, ...rest] = answers;
  if (socket.readyState !== WebSocket.OPEN) return frames.map((_, index) => rest[index] ?? {});
  socket.removeAllListeners('close');
  socket.terminate();
  return rest;
}
