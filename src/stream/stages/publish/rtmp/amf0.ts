/** A value of AMF0, the encoding of RTMP's commands (Adobe, "Action Message Format – AMF 0", 2007). */
export type AmfValue = number | boolean | string | null | undefined | AmfObject | readonly AmfValue[];

/** An object or ECMA array. */
export interface AmfObject {
  /** Keys are unique; their order is kept. */
  readonly [key: string]: AmfValue;
}

const NUMBER = 0;
const BOOLEAN = 1;
const STRING = 2;
const OBJECT = 3;
const NULL = 5;
const UNDEFINED = 6;
const ECMA_ARRAY = 8;
const OBJECT_END = 9;
const STRICT_ARRAY = 10;
const DATE = 11;
const LONG_STRING = 12;
/** Deeper nesting is no command of a server. */
const MAX_DEPTH = 8;

/** Values one after the other. Text longer than 65,535 bytes becomes a long string. */
export function encodeAmf(values: readonly AmfValue[]): Buffer {
  return Buffer.concat(values.map(encodeValue));
}

/**
 * The values in `bytes`, up to the end or the first that is not understood: what a server sends last
 * is of no use to us.
 */
export function decodeAmf(bytes: Buffer): readonly AmfValue[] {
  const reader = new AmfReader(bytes);
  const values: AmfValue[] = [];
  try {
    while (!reader.isAtEnd) values.push(reader.value(0));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return values;
}

function encodeValue(value: AmfValue): Buffer {
  switch (typeof value) {
    case 'number': {
      const bytes = Buffer.alloc(9);
      bytes.writeDoubleBE(value, 1);
      return bytes;
    }
    case 'boolean':
      return Buffer.from([BOOLEAN, value ? 1 : 0]);
    case 'string':
      return encodeString(value);
    case 'undefined':
      return Buffer.from([UNDEFINED]);
    default:
      return value === null ? Buffer.from([NULL]) : encodeBlock(value);
  }
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= 0xffff) return Buffer.concat([Buffer.from([STRING]), encodeKey(text)]);
  const head = Buffer.alloc(5, LONG_STRING);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function encodeBlock(value: AmfObject | readonly AmfValue[]): Buffer {
  if (Array.isArray(value)) {
    const head = Buffer.alloc(5, STRICT_ARRAY);
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, encodeAmf(value as readonly AmfValue[])]);
  }
  const entries = Object.entries(value).map(([key, entry]) => Buffer.concat([encodeKey(key), encodeValue(entry)]));
  return Buffer.concat([Buffer.from([OBJECT]), ...entries, Buffer.from([0, 0, OBJECT_END])]);
}

function encodeKey(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** Reads values; throws a RangeError where the bytes end too early or mean nothing. */
class AmfReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth: number): AmfValue {
    if (depth > MAX_DEPTH) throw new RangeError('nested too deeply');
    const marker = this.#take(1).readUInt8();
    switch (marker) {
      case NUMBER:
        return this.#take(8).readDoubleBE();
      case BOOLEAN:
        return this.#take(1).readUInt8() !== 0;
      case STRING:
        return this.#text(this.#take(2).readUInt16BE());
      case LONG_STRING:
        return this.#text(this.#take(4).readUInt32BE());
      case NULL:
        return null;
      case UNDEFINED:
        return undefined;
      case DATE:
        return this.#take(10).readDoubleBE();
      case ECMA_ARRAY:
        this.#take(4);
        return this.#object(depth);
      case OBJECT:
        return this.#object(depth);
      case STRICT_ARRAY:
        return Array.from({ length: this.#count() }, () => this.value(depth + 1));
      default:
        throw new RangeError(`marker ${marker}`);
    }
  }

  /** Each value takes a byte at least: a count beyond that is wrong, and is not allocated. */
  #count(): number {
    const count = this.#take(4).readUInt32BE();
    if (count > this.#bytes.length - this.#at) throw new RangeError('too few bytes');
    return count;
  }

  #object(depth: number): AmfObject {
    const entries: [string, AmfValue][] = [];
    for (;;) {
      const key = this.#text(this.#take(2).readUInt16BE());
      if (key === '' && this.#bytes[this.#at] === OBJECT_END) {
        this.#at += 1;
        return Object.fromEntries(entries);
      }
      entries.push([key, this.value(depth + 1)]);
    }
  }

  #text(length: number): string {
    return this.#take(length).toString('utf8');
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('too few bytes');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}
