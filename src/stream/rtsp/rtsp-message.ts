/** A header of a message: its name in lower case, and its value without the spaces around it. */
export type RtspHeader = readonly [name: string, value: string];

/** A request, of the client or of the server. */
export interface RtspRequest {
  /** Tells the kinds of items apart. */
  readonly type: 'request';
  /** In capitals, such as `SETUP`. */
  readonly method: string;
  /** What it is about. */
  readonly uri: string;
  /** In the order in which they came. */
  readonly headers: readonly RtspHeader[];
  /** Empty where there is none. */
  readonly body: Buffer;
}

/** The answer to a request. */
export interface RtspResponse {
  /** Tells the kinds of items apart. */
  readonly type: 'response';
  /** Three digits, as in HTTP. */
  readonly status: number;
  /** What the server says beside the number. */
  readonly reason: string;
  /** In the order in which they came. */
  readonly headers: readonly RtspHeader[];
  /** Empty where there is none. */
  readonly body: Buffer;
}

/** A packet between messages (RFC 2326, section 10.12). */
export interface InterleavedFrame {
  /** Tells the kinds of items apart. */
  readonly type: 'frame';
  /** From 0 to 255. */
  readonly channel: number;
  /** With its four bytes in front, as it travels; a view into what was read. */
  readonly bytes: Buffer;
}

/** What travels on a connection. */
export type RtspItem = RtspRequest | RtspResponse | InterleavedFrame;

/** What came is not RTSP, or goes beyond every bound. */
export class RtspSyntaxError extends Error {
  /** Its first characters, printable. */
  readonly begin: string;

  constructor(message: string, begin: string) {
    super(message);
    this.begin = begin;
  }
}

/** Bytes in front of the packet in a frame: `$`, channel, length. */
export const FRAME_HEADER_BYTES = 4;

const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const NUL = 0;
/** More than any camera sends; a message that is longer ends the connection. */
const MAX_HEAD_BYTES = 32 * 1024;
const MAX_BODY_BYTES = 512 * 1024;
/** Between two messages; after that the other side is no RTSP server. */
const MAX_JUNK_BYTES = 1024 * 1024;
const START_LINE = /^(?:RTSP\/\d+\.\d+ +(\d{3})(?: +(.*))?|([A-Z][A-Z_]{2,31}) +(\S+) +RTSP\/\d+\.\d+)\s*$/;
const BEGINS_MESSAGE = /[A-Z]/;
const BEGIN_LENGTH = 40;

/** How a {@link RtspParser} reads. */
export interface RtspParserOptions {
  /** Whether packets are expected on a channel; asked only where the place of a frame is not certain. @defaultValue all */
  readonly isChannel?: (channel: number) => boolean;
}

/**
 * Takes a connection apart: bytes in, messages and packets out, whatever the pieces in which they come. Lines may end
 * in CR LF or in LF. What stands between two messages and is neither is left out, up to 1 MiB.
 */
export class RtspParser {
  readonly #isChannel: (channel: number) => boolean;
  #rest: Buffer = Buffer.alloc(0);
  #junk = 0;
  #isCertain = true;
  #hasMessage = false;

  constructor({ isChannel = () => true }: RtspParserOptions = {}) {
    this.#isChannel = isChannel;
  }

  /** Bytes that were left out so far, because they belong to no message and no packet. */
  get junkBytes(): number {
    return this.#junk;
  }

  /**
   * What is complete with the next bytes.
   *
   * @throws {@link RtspSyntaxError} where this is no RTSP; the connection is of no use then
   */
  push(chunk: Buffer): RtspItem[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const items: RtspItem[] = [];
    let position = 0;
    while (position < bytes.length) {
      const read = this.#read(bytes, position);
      if (read === undefined) break;
      if (read.item) items.push(read.item);
      position = read.end;
    }
    this.#rest = position === bytes.length ? Buffer.alloc(0) : bytes.subarray(position);
    return items;
  }

  /** The message whose body is shorter than its head says, with what came of it; `undefined` where there is none. */
  takeUnfinished(): RtspItem | undefined {
    const bytes = this.#rest;
    const first = bytes[0];
    if (first === undefined || first === DOLLAR) return undefined;
    const read = this.#readMessage(bytes, 0, bytes.length);
    if (read?.item) this.#rest = Buffer.alloc(0);
    return read?.item;
  }

  #read(bytes: Buffer, start: number): { readonly item?: RtspItem; readonly end: number } | undefined {
    const first = bytes[start];
    if (first === CR || first === LF || first === NUL) return { end: start + 1 };
    if (first === DOLLAR) return this.#readFrame(bytes, start);
    if (first !== undefined && BEGINS_MESSAGE.test(String.fromCharCode(first))) return this.#readMessage(bytes, start);
    return { end: this.#skipJunk(bytes, start) };
  }

  #readFrame(bytes: Buffer, start: number): { readonly item?: RtspItem; readonly end: number } | undefined {
    if (bytes.length < start + FRAME_HEADER_BYTES) return undefined;
    const channel = bytes.readUInt8(start + 1);
    if (!this.#isCertain && !this.#isChannel(channel)) return { end: this.#skipJunk(bytes, start) };
    const end = start + FRAME_HEADER_BYTES + bytes.readUInt16BE(start + 2);
    if (bytes.length < end) return undefined;
    this.#isCertain = true;
    return { item: { type: 'frame', channel, bytes: bytes.subarray(start, end) }, end };
  }

  #readMessage(
    bytes: Buffer,
    start: number,
    latestEnd = Number.POSITIVE_INFINITY,
  ): { readonly item?: RtspItem; readonly end: number } | undefined {
    const lineEnd = bytes.indexOf(LF, start);
    if (lineEnd < 0) {
      if (bytes.length - start > MAX_HEAD_BYTES) return { end: this.#skipJunk(bytes, start) };
      return undefined;
    }
    const line = bytes.toString('latin1', start, Math.min(lineEnd, start + MAX_HEAD_BYTES));
    const found = START_LINE.exec(line);
    if (!found) return { end: this.#skipJunk(bytes, start) };
    const head = headEnd(bytes, lineEnd);
    if (head === undefined) {
      if (bytes.length - start > MAX_HEAD_BYTES) throw new RtspSyntaxError('a message without an end', printable(line));
      return undefined;
    }
    const headers = parseHeaders(bytes.toString('utf8', lineEnd + 1, head));
    const length = contentLength(headers);
    if (length > MAX_BODY_BYTES) throw new RtspSyntaxError(`a message of ${length} bytes`, printable(line));
    const end = Math.min(head + length, latestEnd);
    if (bytes.length < end) return undefined;
    this.#isCertain = true;
    this.#hasMessage = true;
    const body = bytes.subarray(head, end);
    const [, status, reason, method, uri] = found;
    const item: RtspItem =
      status === undefined
        ? { type: 'request', method: method ?? '', uri: uri ?? '', headers, body }
        : { type: 'response', status: Number(status), reason: (reason ?? '').trim(), headers, body };
    return { item, end };
  }

  /** The next place where something may begin. */
  #skipJunk(bytes: Buffer, start: number): number {
    if (!this.#hasMessage && bytes[start] !== DOLLAR) {
      throw new RtspSyntaxError('no RTSP', printable(bytes.toString('latin1', start, start + BEGIN_LENGTH)));
    }
    this.#isCertain = false;
    let end = start + 1;
    while (end < bytes.length && bytes[end] !== DOLLAR && bytes[end] !== LF && !isMessageAt(bytes, end)) end++;
    this.#junk += end - start;
    if (this.#junk > MAX_JUNK_BYTES) {
      throw new RtspSyntaxError('no RTSP', printable(bytes.toString('latin1', start, start + BEGIN_LENGTH)));
    }
    return end;
  }
}

/** The first value of a header; `undefined` where there is none. */
export function headerOf(message: Pick<RtspRequest, 'headers'>, name: string): string | undefined {
  return message.headers.find(([known]) => known === name)?.[1];
}

/** Every value of a header, in order. */
export function headersOf(message: Pick<RtspRequest, 'headers'>, name: string): readonly string[] {
  return message.headers.filter(([known]) => known === name).map(([, value]) => value);
}

/** A request as it travels. A header's characters must have been checked: none may end a line. */
export function serialiseRequest(method: string, uri: string, headers: readonly RtspHeader[]): Buffer {
  return Buffer.from(`${method} ${uri} RTSP/1.0\r\n${headerLines(headers)}\r\n`);
}

/** An answer as it travels; its length is added. */
export function serialiseResponse(
  status: number,
  reason: string,
  headers: readonly RtspHeader[],
  body: string = '',
): Buffer {
  const content = Buffer.from(body);
  const length: readonly RtspHeader[] = content.length === 0 ? [] : [['Content-Length', String(content.length)]];
  const head = Buffer.from(`RTSP/1.0 ${status} ${reason}\r\n${headerLines([...headers, ...length])}\r\n`);
  return Buffer.concat([head, content]);
}

/** A packet as it travels on a channel. */
export function serialiseFrame(channel: number, packet: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + packet.length);
  frame[0] = DOLLAR;
  frame[1] = channel;
  frame.writeUInt16BE(packet.length, 2);
  frame.set(packet, FRAME_HEADER_BYTES);
  return frame;
}

const headerLines = (headers: readonly RtspHeader[]): string =>
  headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');

/** Where the body begins: behind the first empty line. `lineEnd` is the LF of the start line. */
function headEnd(bytes: Buffer, lineEnd: number): number | undefined {
  let end = lineEnd;
  for (;;) {
    const next = bytes[end + 1] === CR ? end + 2 : end + 1;
    if (bytes[next] === LF) return next + 1;
    end = bytes.indexOf(LF, end + 1);
    if (end < 0 || end - lineEnd > MAX_HEAD_BYTES) return undefined;
  }
}

/** Lines that are no header are left out; one that begins with a space goes on with the one before. */
function parseHeaders(text: string): RtspHeader[] {
  const headers: RtspHeader[] = [];
  for (const line of text.split('\n')) {
    const last = headers.at(-1);
    if (/^[ \t]+\S/.test(line) && last) {
      headers[headers.length - 1] = [last[0], `${last[1]} ${line.trim()}`];
      continue;
    }
    const colon = line.indexOf(':');
    if (colon > 0) headers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
  }
  return headers;
}

function contentLength(headers: readonly RtspHeader[]): number {
  const value = headerOf({ headers }, 'content-length');
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : 0;
}

const MESSAGE_MARK = Buffer.from('RTSP/');

const isMessageAt = (bytes: Buffer, at: number): boolean =>
  bytes[at] === MESSAGE_MARK[0] && bytes.subarray(at, at + MESSAGE_MARK.length).equals(MESSAGE_MARK);

const printable = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, BEGIN_LENGTH);
