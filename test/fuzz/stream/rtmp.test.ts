import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import { runRtmpTarget } from '#src/stream/stages/publish/rtmp-target.adapter.js';
import { decodeAmf, encodeAmf, type AmfValue } from '#src/stream/stages/publish/rtmp/amf0.js';
import { ChunkReader, MESSAGE_TYPE, writeMessage } from '#src/stream/stages/publish/rtmp/chunks.js';
import { readConnectAnswer } from '#src/stream/stages/publish/rtmp/connect-answer.js';
import { probeConnect } from '#src/stream/stages/publish/rtmp/connect-probe.adapter.js';
import { parseRtmpLocation, type RtmpLocation } from '#src/shared/rtmp/location.js';
import { redirectedLocation } from '#src/stream/stages/publish/rtmp/redirect.js';
import { startProgram, type EncodedProgram } from '../../integration/stream/stages/publish/encoded-program.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyNumber, anyText, editBytes, type Edit } from '../harness/junk.js';

const HANDSHAKE_BYTES = 1536;
const SECRET = 'geheim';
const FROM = parseRtmpLocation({ url: 'rtmps://user:pass@live.example/app', key: SECRET });

/** A message in chunks, such as servers send them. */
const message = (type: number, payload: Buffer, streamId = 0): Buffer =>
  writeMessage({ type, streamId, timestampMs: 0, payload });

const command = (...values: readonly AmfValue[]): Buffer => message(MESSAGE_TYPE.command, encodeAmf(values));

/** Of four bytes, such as a size. */
const whole = (type: number, value: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return message(type, payload);
};

const info = (code: string, more: Readonly<Record<string, AmfValue>> = {}): AmfValue => ({
  level: 'error',
  code: `NetConnection.Connect.${code}`,
  description: 'no',
  ...more,
});

/** What a server sends after the handshake: window, bandwidth, chunk size, then an answer. */
const ANSWERS: readonly Buffer[] = [
  whole(5, 2_500_000),
  Buffer.concat([whole(6, 2_500_000)]),
  ...[1, 128, 4096, 0x7fffffff, 0xffffffff].map((size) => whole(1, size)),
  command('_result', 1, { fmsVer: 'FMS/3,5,7,7009', capabilities: 31 }, info('Success')),
  command('_error', 1, null, info('Rejected', { ex: { code: 302, redirect: 'rtmp://other.example/app' } })),
  command('_error', 1, null, info('InvalidApp', { ex: { redirect: `rtmps://live.example/app/${SECRET}` } })),
  command('_result', 2, null, 1),
  command('onStatus', 0, null, { level: 'error', code: 'NetStream.Publish.BadName', description: 'in use' }),
  command('onStatus', 0, null, { level: 'status', code: 'NetStream.Publish.Start', description: 'go' }),
  command('onBWDone', 0, null, 8192),
  command('_error', 1, [1, [2, [3, ['x', true, null, undefined]]]]),
  message(MESSAGE_TYPE.command, Buffer.concat([encodeAmf(['_error', 1]), Buffer.alloc(40, 3)])),
  message(4, Buffer.from([0, 0, 0, 0, 0, 1])),
  message(MESSAGE_TYPE.video, Buffer.alloc(300, 0x17)),
];

/** Heads of chunks that are seldom: other forms, ids of two and three bytes, extended times, lengths that lie. */
const HEADS: readonly Buffer[] = [
  Buffer.from([0x03, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x14, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0x43, 0, 0, 0, 0, 0, 0, 0x14]),
  Buffer.from([0x83, 0xff, 0xff, 0xff, 0, 0, 0, 1]),
  Buffer.from([0xc3]),
  Buffer.from([0x00, 0xff]),
  Buffer.from([0x01, 0xff, 0xff]),
];

const piece: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ANSWERS) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...ANSWERS), anyEdits)
      .map(([answer, edits]) => Buffer.from(editBytes(answer, edits))),
  },
  { weight: 1, arbitrary: fc.constantFrom(...HEADS) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('_error', '_result', 'x'), anyNumber, anyText, anyText)
      .map(([name, id, code, redirect]) => command(name, id, null, { code, ex: { redirect } })),
  },
  // Many chunks of one byte each.
  {
    weight: 1,
    arbitrary: fc.nat({ max: 4000 }).map((length) => {
      const rest = Array.from({ length }, () => Buffer.from([0xc3, 7]));
      return Buffer.concat([whole(1, 1), Buffer.from([0x03, 0, 0, 0, 0, 0xff, 0xff, 0x14, 0, 0, 0, 0, 7]), ...rest]);
    }),
  },
);
const answer = fc.array(piece, { maxLength: 6 }).map((pieces) => Buffer.concat(pieces));
const cuts = fc.array(fc.nat({ max: 300 }), { maxLength: 8 });

/** In the pieces in which they come. */
function piecesOf(content: Buffer, lengths: readonly number[]): Buffer[] {
  let from = 0;
  const parts = lengths.map((length) => content.subarray(from, (from += length)));
  return [...parts, content.subarray(from)].filter((part) => part.length > 0);
}

function expectUsable(values: readonly AmfValue[]): void {
  const read = readConnectAnswer(values);
  if (read?.outcome === 'rejected') expect(typeof read.code + typeof read.description).toBe('stringstring');
  if (read?.outcome !== 'redirected') return;
  try {
    const to = redirectedLocation(read.url, FROM);
    expect(to.scheme).toBe('rtmps');
    expect(to.stream).toBe(SECRET);
    // User and password go to the same host only.
    if (to.host !== FROM.host) expect([to.user, to.password]).toEqual([undefined, undefined]);
  } catch (error) {
    if (!(error instanceof DiptychError)) throw error;
    expect(error.code).toBe('DIPTYCH_E_TARGET');
    expect(error.message).not.toContain(SECRET);
  }
}

it('what an RTMP server answers is taken apart, whatever it is', () =>
  fuzz({
    name: 'rtmp-answers',
    inputs: fc.tuple(answer, cuts),
    check: ([content, lengths]) => {
      const reader = new ChunkReader();
      let bytes = 0;
      try {
        for (const part of piecesOf(content, lengths)) {
          for (const { type, payload } of reader.push(part)) {
            bytes += payload.length;
            if (type === MESSAGE_TYPE.command) expectUsable(decodeAmf(payload));
          }
        }
      } catch (error) {
        // They are no chunks.
        if (!(error instanceof RangeError)) throw error;
      }
      expect(bytes).toBeLessThanOrEqual(content.length);
    },
  }));

/** What the server of these tests does with a connection: its handshake, changed or not, then this, then the end. */
interface Script {
  readonly handshake: readonly Edit[] | null;
  readonly content: Buffer;
  readonly cuts: readonly number[];
  readonly end: 'close' | 'reset';
}

const script: fc.Arbitrary<Script> = fc.record({
  handshake: fc.option(anyEdits, { freq: 3 }),
  content: answer,
  cuts,
  end: fc.constantFrom('close', 'reset'),
});

let server: Server;
let program: EncodedProgram;
let current: Script;

beforeAll(async () => {
  program = await startProgram();
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    const { handshake, content, cuts: lengths, end } = current;
    const greeting = Buffer.alloc(1 + 2 * HANDSHAKE_BYTES, 7);
    greeting[0] = 3;
    const [first, ...rest] = piecesOf(Buffer.concat([handshake ? editBytes(greeting, handshake) : greeting, content]), [
      1 + 2 * HANDSHAKE_BYTES,
      ...lengths,
    ]);
    socket.write(first ?? '');
    // What comes is read and forgotten, so that the connection does not end for that.
    let received = 0;
    socket.on('data', (bytes) => {
      received += bytes.length;
      if (received < 1 + 2 * HANDSHAKE_BYTES) return;
      for (const part of rest.splice(0)) socket.write(part);
      if (end === 'close') socket.end();
      else setTimeout(() => socket.resetAndDestroy(), 5);
    });
    setTimeout(() => socket.destroy(), 300).unref();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.close();
  await program.close();
});

const here = (): RtmpLocation =>
  parseRtmpLocation({ url: `rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/app`, key: SECRET });

it('a server that answers with anything is asked to one end, over a socket', () =>
  fuzz({
    name: 'rtmp-probe',
    usually: 100,
    share: 0.05,
    inputs: script,
    check: async (next) => {
      current = next;

      const result = await probeConnect(here(), 5000);

      expect(result.outcome).toMatch(/^(accepted|rejected|redirected|failed)$/);
    },
  }));

it('publishing to a server that answers with anything ends with one reason, or by itself', () =>
  fuzz({
    name: 'rtmp-publishing',
    usually: 5,
    share: 0.003,
    inputs: script,
    check: async (next) => {
      current = next;
      const { host, port } = here();
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), 6000);
      try {
        await runRtmpTarget(
          { id: 'x', url: `rtmp://${host}:${port}/app`, key: SECRET },
          program.taps,
          stop.signal,
          () => undefined,
          { timeoutS: 2 },
        );
      } catch (error) {
        if (!(error instanceof DiptychError)) throw error;
        expect(error.code).toMatch(/^DIPTYCH_E_(TARGET|CONFIG)$/);
        expect(error.message).not.toContain(SECRET);
        expect(error.message.length).toBeLessThan(600);
      } finally {
        clearTimeout(timer);
      }
    },
  }));
