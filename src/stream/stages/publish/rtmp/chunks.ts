/** A message of RTMP, put together from its chunks (Adobe, "RTMP Specification 1.0", 2012, section 5.3). */
export interface RtmpMessage {
  /** 1 chunk size, 8 sound, 9 picture, 20 command in AMF0, and others. */
  readonly type: number;
  /** Of the message stream; 0 for the connection itself. */
  readonly streamId: number;
  /** Milliseconds, modulo 2^32. */
  readonly timestampMs: number;
  /** Content. */
  readonly payload: Buffer;
}

/** Of the messages that are read and written here. */
export const MESSAGE_TYPE = { chunkSize: 1, audio: 8, video: 9, command: 20 } as const;

const DEFAULT_CHUNK_BYTES = 128;
const EXTENDED = 0xffffff;

/** Of the chunks of one message, or of the message before it on the same chunk stream. */
interface ChunkStream {
  type: number;
  streamId: number;
  timestampMs: number;
  deltaMs: number;
  length: number;
  isExtended: boolean;
  parts: Buffer[];
  received: number;
}

/** Puts messages together from the bytes after the handshake. */
export class ChunkReader {
  readonly #streams = new Map<number, ChunkStream>();
  #chunkBytes = DEFAULT_CHUNK_BYTES;
  #rest: Buffer = Buffer.alloc(0);

  /**
   * Takes in bytes as they come.
   *
   * @returns the messages that are complete now, in order; none is longer than 16 MiB
   * @throws RangeError where the bytes are not chunks
   */
  push(bytes: Buffer): readonly RtmpMessage[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const messages: RtmpMessage[] = [];
    for (;;) {
      const before = this.#rest.length;
      const message = this.#chunk();
      if (message) messages.push(message);
      if (this.#rest.length === before) return messages;
    }
  }

  /** Reads one chunk where it is there whole; gives the message that it completes. */
  #chunk(): RtmpMessage | undefined {
    const bytes = this.#rest;
    const basic = readBasicHeader(bytes);
    if (!basic) return undefined;
    const { format, chunkStreamId } = basic;
    let at = basic.length;
    const headerBytes = [11, 7, 3, 0][format] ?? 0;
    if (bytes.length < at + headerBytes) return undefined;
    const stream = { ...(this.#streams.get(chunkStreamId) ?? EMPTY) };
    const isNew = stream.received === 0;
    let time = 0;
    if (format < 3) {
      time = bytes.readUIntBE(at, 3);
      stream.isExtended = time === EXTENDED;
    }
    if (format < 2) {
      stream.length = bytes.readUIntBE(at + 3, 3);
      stream.type = bytes.readUInt8(at + 6);
    }
    if (format === 0) stream.streamId = bytes.readUInt32LE(at + 7);
    if (stream.length < stream.received) throw new RangeError('a message that has begun becomes shorter');
    at += headerBytes;
    if (stream.isExtended) {
      if (bytes.length < at + 4) return undefined;
      if (format < 3) time = bytes.readUInt32BE(at);
      at += 4;
    }
    const end = at + Math.min(this.#chunkBytes, stream.length - stream.received);
    if (bytes.length < end) return undefined;
    if (isNew) {
      if (format === 0) stream.deltaMs = 0;
      else if (format < 3) stream.deltaMs = time;
      stream.timestampMs = format === 0 ? time : (stream.timestampMs + stream.deltaMs) >>> 0;
    }
    // Not a copy for each chunk: a server may send a byte in each.
    if (isNew) stream.parts = [];
    stream.parts.push(bytes.subarray(at, end));
    stream.received += end - at;
    this.#rest = bytes.subarray(end);
    return this.#complete(chunkStreamId, stream);
  }

  #complete(chunkStreamId: number, stream: ChunkStream): RtmpMessage | undefined {
    this.#streams.set(chunkStreamId, stream);
    if (stream.received < stream.length) return undefined;
    const payload = Buffer.concat(stream.parts);
    stream.parts = [];
    stream.received = 0;
    const { type, streamId, timestampMs } = stream;
    if (type === MESSAGE_TYPE.chunkSize && payload.length >= 4) {
      this.#chunkBytes = Math.max(1, payload.readUInt32BE() & 0x7fffffff);
    }
    return { type, streamId, timestampMs, payload };
  }
}

const EMPTY: ChunkStream = {
  ...{ type: 0, streamId: 0, timestampMs: 0, deltaMs: 0, length: 0 },
  ...{ isExtended: false, parts: [], received: 0 },
};

function readBasicHeader(
  bytes: Buffer,
): { readonly format: number; readonly chunkStreamId: number; readonly length: number } | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const format = first >> 6;
  const low = first & 0x3f;
  if (low > 1) return { format, chunkStreamId: low, length: 1 };
  const length = low === 0 ? 2 : 3;
  if (bytes.length < length) return undefined;
  return { format, chunkStreamId: 64 + (low === 0 ? bytes.readUInt8(1) : bytes.readUInt16LE(1)), length };
}

/** The chunks of one message, in chunks of the size that holds before anybody sets another. */
export function writeMessage({ type, streamId, timestampMs, payload }: RtmpMessage, chunkStreamId = 3): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt8(chunkStreamId, 0);
  head.writeUIntBE(Math.min(timestampMs, EXTENDED - 1), 1, 3);
  head.writeUIntBE(payload.length, 4, 3);
  head.writeUInt8(type, 7);
  head.writeUInt32LE(streamId, 8);
  const parts: Buffer[] = [head];
  for (let at = 0; at < payload.length; at += DEFAULT_CHUNK_BYTES) {
    if (at > 0) parts.push(Buffer.from([0xc0 | chunkStreamId]));
    parts.push(payload.subarray(at, at + DEFAULT_CHUNK_BYTES));
  }
  return Buffer.concat(parts);
}
