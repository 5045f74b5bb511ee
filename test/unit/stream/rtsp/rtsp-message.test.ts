import { describe, expect, it } from 'vitest';
import {
  headerOf,
  headersOf,
  RtspParser,
  RtspSyntaxError,
  serialiseFrame,
  serialiseRequest,
  serialiseResponse,
  type RtspItem,
} from '#src/stream/rtsp/rtsp-message.js';

const OK = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS\r\npublic: PLAY\r\n\r\n';
const BODY = 'RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nv=0\r\n';
const FRAME = serialiseFrame(3, Buffer.from('packet'));

/** What comes of bytes in pieces of this size. */
function parsed(bytes: Buffer, size: number, parser = new RtspParser()): RtspItem[] {
  const items: RtspItem[] = [];
  for (let at = 0; at < bytes.length; at += size) items.push(...parser.push(bytes.subarray(at, at + size)));
  return items;
}

const kinds = (items: readonly RtspItem[]): string[] =>
  items.map((item) =>
    item.type === 'frame' ? `frame ${item.channel}` : item.type === 'request' ? item.method : `${item.status}`,
  );

describe('RtspParser', () => {
  const mixed = Buffer.concat([
    Buffer.from(OK),
    FRAME,
    FRAME,
    Buffer.from(BODY),
    FRAME,
    Buffer.from('OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 7\r\n\r\n'),
  ]);

  it.each([1, 2, 3, 7, 64, 4096])('gives the same in pieces of %i bytes', (size) => {
    const items = parsed(mixed, size);

    expect(kinds(items)).toEqual(['200', 'frame 3', 'frame 3', '200', 'frame 3', 'OPTIONS']);
    expect(
      items.flatMap((item) => (item.type === 'frame' ? [item.bytes] : [])).every((bytes) => bytes.equals(FRAME)),
    ).toBe(true);
    expect(items.flatMap((item) => (item.type === 'response' ? [item.body.toString()] : []))).toEqual(['', 'v=0\r\n']);
  });

  it.each([
    ['LF only', OK.replaceAll('\r\n', '\n'), ['200']],
    ['empty lines before', `\r\n\r\n${OK}`, ['200']],
    ['a status without words', 'RTSP/1.0 461\r\nCSeq: 1\r\n\r\n', ['461']],
    ['no header at all', 'RTSP/1.0 200 OK\r\n\r\n', ['200']],
    ['junk after a message', `${OK}a=control:x\r\nb=y\r\n${OK}`, ['200', '200']],
    ['more body than said', `${BODY}a=b\r\n${OK}`, ['200', '200']],
    ['a word that is no request', `${OK}HELLO\r\n${OK}`, ['200', '200']],
    ['a length that is no number', 'RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n', ['200']],
  ])('takes %s', (_, text, expected) => {
    expect(kinds(parsed(Buffer.from(text), 5))).toEqual(expected);
  });

  it('finds the next packet behind junk by its channel', () => {
    const parser = new RtspParser({ isChannel: (channel) => channel === 3 });
    const junk = Buffer.from([0x81, 0x24, 0x99, 0xff, 0xff, 0x24]);

    const items = parsed(Buffer.concat([Buffer.from(OK), junk, FRAME]), 100, parser);

    expect(kinds(items)).toEqual(['200', 'frame 3']);
    expect(parser.junkBytes).toBe(junk.length);
  });

  it.each([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9\r\n'],
    ['bytes', '\x16\x03\x01\x02'],
    ['a head without an end', `RTSP/1.0 200 OK\r\n${'a: b\r\n'.repeat(8000)}`],
    ['a body of a gigabyte', 'RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n'],
  ])('refuses %s', (_, text) => {
    expect(() => parsed(Buffer.from(text, 'latin1'), 1000)).toThrow(RtspSyntaxError);
  });

  it('gives up where only junk comes', () => {
    const junk = Buffer.alloc(600_000, 0x81);

    expect(() => parsed(Buffer.concat([Buffer.from(OK), junk, junk]), 65_536)).toThrow(RtspSyntaxError);
  });

  it('hands out a message whose body is cut, when asked', () => {
    const parser = new RtspParser();
    const items = parser.push(Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 50\r\n\r\nv=0\r\n'));

    const cut = parser.takeUnfinished();

    expect(items).toEqual([]);
    expect(cut).toMatchObject({ type: 'response', status: 200 });
    expect(cut?.type === 'response' && cut.body.toString()).toBe('v=0\r\n');
    expect(kinds(parser.push(Buffer.from(OK)))).toEqual(['200']);
  });
});

it('headers are found whatever their capitals are', () => {
  const [item] = new RtspParser().push(Buffer.from(OK));

  expect(item?.type === 'response' && headerOf(item, 'cseq')).toBe('1');
  expect(item?.type === 'response' && headersOf(item, 'public')).toEqual(['OPTIONS', 'PLAY']);
});

it('what is written can be read', () => {
  const written = Buffer.concat([
    serialiseRequest('PLAY', 'rtsp://h/ü', [['CSeq', '3']]),
    serialiseResponse(200, 'OK', [['CSeq', '3']], 'größe'),
  ]);

  const items = new RtspParser().push(written);

  expect(items).toMatchObject([
    { type: 'request', method: 'PLAY' },
    { type: 'response', status: 200, reason: 'OK' },
  ]);
  expect(items[1]?.type === 'response' && items[1].body.toString()).toBe('größe');
});
