/** What an SRT listener answers to a handshake (draft-sharabayko-srt, section 3.2.1). */
export type SrtAnswer =
  /** To the first step: what the second one has to bring. */
  | { readonly type: 'induction'; readonly cookie: number }
  /** The connection is open, under this number of the listener's. */
  | { readonly type: 'accepted'; readonly socketId: number }
  /** The number of the reason: from 1000 on SRT's own, from 2000 on the application's. */
  | { readonly type: 'rejected'; readonly reason: number };

const HEADER_BYTES = 16;
const HANDSHAKE_BYTES = 48;
const CONTROL = 0x8000;
const HANDSHAKE = CONTROL;
const SHUTDOWN = CONTROL | 5;
const INDUCTION = 1;
const CONCLUSION = 0xffff_ffff;
/** Handshake types that name a reason begin here. */
const FIRST_REASON = 1000;
/** Fields of the first step, as SRT has them for older peers. */
const OLD_VERSION = 4;
const OLD_EXTENSION = 2;
const VERSION = 5;
const MTU = 1500;
const FLOW_WINDOW = 8192;
const HAS_HSREQ = 1;
const HAS_CONFIG = 4;
const EXTENSION_HSREQ = 1;
const EXTENSION_STREAM_ID = 5;
/** 1.5.0; time stamps at both ends, encryption known, late packets dropped, reports of loss, retransmission marked. */
const SRT_VERSION = 0x0001_0500;
const SRT_FLAGS = 0xbf;
const LATENCY_MS = 120;
const WORD = 4;

/** The first step of a handshake. */
export function inductionRequest(socketId: number): Buffer {
  return handshake({ socketId, version: OLD_VERSION, extension: OLD_EXTENSION, type: INDUCTION, cookie: 0 });
}

/** The second step, without encryption. */
export function conclusionRequest(socketId: number, cookie: number, streamId?: string): Buffer {
  const extension = HAS_HSREQ | (streamId === undefined ? 0 : HAS_CONFIG);
  const hello = Buffer.alloc(3 * WORD);
  hello.writeUInt32BE(SRT_VERSION, 0);
  hello.writeUInt32BE(SRT_FLAGS, WORD);
  hello.writeUInt16BE(LATENCY_MS, 2 * WORD);
  hello.writeUInt16BE(LATENCY_MS, 2 * WORD + 2);
  return Buffer.concat([
    handshake({ socketId, version: VERSION, extension, type: CONCLUSION, cookie }),
    extensionBlock(EXTENSION_HSREQ, hello),
    ...(streamId === undefined ? [] : [extensionBlock(EXTENSION_STREAM_ID, swapped(streamId))]),
  ]);
}

/** Ends a connection. */
export function shutdownRequest(peerSocketId: number): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES + WORD);
  packet.writeUInt16BE(SHUTDOWN, 0);
  packet.writeUInt32BE(peerSocketId, 12);
  return packet;
}

/** Reads an answer; `undefined` for a packet that is none. */
export function parseSrtAnswer(packet: Buffer): SrtAnswer | undefined {
  if (packet.length < HEADER_BYTES + HANDSHAKE_BYTES || packet.readUInt16BE(0) !== HANDSHAKE) return undefined;
  const type = packet.readUInt32BE(HEADER_BYTES + 20);
  if (type === INDUCTION) return { type: 'induction', cookie: packet.readUInt32BE(HEADER_BYTES + 28) };
  if (type === CONCLUSION) return { type: 'accepted', socketId: packet.readUInt32BE(HEADER_BYTES + 24) };
  return type >= FIRST_REASON && type < CONCLUSION - FIRST_REASON ? { type: 'rejected', reason: type } : undefined;
}

function handshake(fields: {
  readonly socketId: number;
  readonly version: number;
  readonly extension: number;
  readonly type: number;
  readonly cookie: number;
}): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES + HANDSHAKE_BYTES);
  packet.writeUInt16BE(HANDSHAKE, 0);
  const body = packet.subarray(HEADER_BYTES);
  body.writeUInt32BE(fields.version, 0);
  body.writeUInt16BE(fields.extension, 6);
  body.writeUInt32BE(1, 8);
  body.writeUInt32BE(MTU, 12);
  body.writeUInt32BE(FLOW_WINDOW, 16);
  body.writeUInt32BE(fields.type, 20);
  body.writeUInt32BE(fields.socketId, 24);
  body.writeUInt32BE(fields.cookie, 28);
  return packet;
}

function extensionBlock(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(WORD);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(content.length / WORD, 2);
  return Buffer.concat([head, content]);
}

/** Text in words whose bytes stand in reverse. */
function swapped(text: string): Buffer {
  const bytes = Buffer.from(text);
  const padded = Buffer.alloc(Math.ceil(bytes.length / WORD) * WORD);
  bytes.copy(padded);
  return padded.swap32();
}
