import { createHash, createHmac } from 'node:crypto';

/** A request of STUN (RFC 8489) or TURN (RFC 8656). */
export interface StunRequest {
  /** `binding` asks which address is seen, `allocate` for a relayed address. */
  readonly method: 'binding' | 'allocate';
  /** 12 bytes, which the answer repeats. */
  readonly transactionId: Buffer;
  /** By type; in this order. */
  readonly attributes?: readonly (readonly [type: number, value: Buffer])[];
  /** Signs the request. */
  readonly key?: Buffer;
}

/** The answer to a request. */
export interface StunAnswer {
  /** Whether the request was granted. */
  readonly isSuccess: boolean;
  /** Of a refusal, such as 401. */
  readonly errorCode?: number;
  /** By type; the first of each. */
  readonly attributes: ReadonlyMap<number, Buffer>;
}

/** Types of attributes (RFC 8489, 18.3; RFC 8656, 18; RFC 8445, 16.1). */
export const STUN_ATTRIBUTES = {
  username: 0x0006,
  integrity: 0x0008,
  errorCode: 0x0009,
  realm: 0x0014,
  nonce: 0x0015,
  requestedTransport: 0x0019,
  priority: 0x0024,
  fingerprint: 0x8028,
  controlling: 0x802a,
} as const;

const METHODS = { binding: 0x0001, allocate: 0x0003 } as const;
const MAGIC = Buffer.from([0x21, 0x12, 0xa4, 0x42]);
const HEADER_BYTES = 20;
const INTEGRITY_BYTES = 24;
const FINGERPRINT_BYTES = 8;
const FINGERPRINT_XOR = 0x5354554e;
const CRC_POLYNOMIAL = 0xedb88320;

/** The bytes of a request, with a fingerprint. */
export function encodeStunRequest({ method, transactionId, attributes = [], key }: StunRequest): Buffer {
  const body = Buffer.concat(attributes.map(([type, value]) => attribute(type, value)));
  const head = (length: number): Buffer => {
    const start = Buffer.alloc(4);
    start.writeUInt16BE(METHODS[method], 0);
    start.writeUInt16BE(length, 2);
    return Buffer.concat([start, MAGIC, transactionId]);
  };
  let message = Buffer.concat([head(body.length + (key ? INTEGRITY_BYTES : 0)), body]);
  if (key) {
    const digest = createHmac('sha1', key).update(message).digest();
    message = Buffer.concat([message, attribute(STUN_ATTRIBUTES.integrity, digest)]);
  }
  message.writeUInt16BE(message.length - HEADER_BYTES + FINGERPRINT_BYTES, 2);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE((crc32(message) ^ FINGERPRINT_XOR) >>> 0);
  return Buffer.concat([message, attribute(STUN_ATTRIBUTES.fingerprint, checksum)]);
}

/** Reads an answer; `undefined` where the bytes are none, or not the one to this transaction. */
export function decodeStunAnswer(bytes: Buffer, transactionId: Buffer): StunAnswer | undefined {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(4, 8).equals(MAGIC)) return undefined;
  if (!bytes.subarray(8, HEADER_BYTES).equals(transactionId)) return undefined;
  const kind = bytes.readUInt16BE(0) & 0x0110;
  if (kind !== 0x0100 && kind !== 0x0110) return undefined;
  const attributes = new Map<number, Buffer>();
  for (let at = HEADER_BYTES; at + 4 <= bytes.length;) {
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    if (!attributes.has(type)) attributes.set(type, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length + padding(length);
  }
  const error = attributes.get(STUN_ATTRIBUTES.errorCode);
  const errorCode = error && error.length >= 4 ? (error.readUInt8(2) & 7) * 100 + error.readUInt8(3) : undefined;
  return { isSuccess: kind === 0x0100, ...(errorCode !== undefined && { errorCode }), attributes };
}

/** The key of long-term credentials (RFC 8489, 9.2.2). */
export const longTermKey = (username: string, realm: string, password: string): Buffer =>
  createHash('md5').update(`${username}:${realm}:${password}`).digest();

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(padding(value.length))]);
}

const padding = (length: number): number => (4 - (length % 4)) % 4;

function crc32(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
