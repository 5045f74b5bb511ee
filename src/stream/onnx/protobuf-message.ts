import { ProtobufWriter } from './protobuf-writer.js';

/** Wire types of the protocol buffers encoding. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

interface Field {
  readonly number: number;
  readonly wireType: number;
  /** Tag and content as they were read; what is not changed is written back so. */
  readonly encoded: Uint8Array;
  /** Where the content starts in `encoded`: behind the tag and, of what has a length, the length. */
  readonly contentStart: number;
  /** The content once it has been asked for as a message; it may have been changed since. */
  message?: ProtobufMessage;
}

/**
 * One message of the protocol buffers encoding (https://protobuf.dev/programming-guides/encoding)
 * that can be read, changed and written again. No schema: the caller knows the fields, and whatever
 * it does not touch, known or not, keeps its bytes and its place.
 *
 * Every reader throws a `RangeError` where the bytes are no such message or the field is of another
 * kind.
 */
export class ProtobufMessage {
  #fields: Field[] = [];

  static decode(bytes: Uint8Array): ProtobufMessage {
    const message = new ProtobufMessage();
    const cursor = new Cursor(bytes);
    while (!cursor.isAtEnd) {
      const start = cursor.offset;
      const tag = Number(cursor.varint());
      const wireType = tag % 8;
      const contentStart = cursor.skip(wireType);
      const number = Math.floor(tag / 8);
      const encoded = bytes.subarray(start, cursor.offset);
      message.#fields.push({ number, wireType, encoded, contentStart: contentStart - start });
    }
    return message;
  }

  /** A new message out of what `write` writes. */
  static of(write: (message: ProtobufWriter) => void): ProtobufMessage {
    const writer = new ProtobufWriter();
    write(writer);
    return ProtobufMessage.decode(writer.finish());
  }

  has(number: number): boolean {
    return this.#fields.some((field) => field.number === number);
  }

  /** All whole numbers of a field (`int32`, `int64`, `enum`), packed or not. */
  integers(number: number): bigint[] {
    return this.#all(number).flatMap((field) => {
      if (field.wireType === VARINT) return [new Cursor(contentOf(field)).integer()];
      const cursor = new Cursor(contentOf(expectWireType(field, LENGTH_DELIMITED)));
      const values: bigint[] = [];
      while (!cursor.isAtEnd) values.push(cursor.integer());
      return values;
    });
  }

  /** The last whole number of a field, as the encoding has it for fields that occur once. */
  integer(number: number): number | undefined {
    const value = this.integers(number).at(-1);
    return value === undefined ? undefined : Number(value);
  }

  /** All 32-bit floats of a field, packed or not. */
  floats(number: number): Float32Array {
    const chunks = this.#all(number).map((field) =>
      contentOf(field.wireType === FIXED_32 ? field : expectWireType(field, LENGTH_DELIMITED)),
    );
    return Float32Array.from(chunks.flatMap((chunk) => [...littleEndianFloats(chunk)]));
  }

  bytes(number: number): Uint8Array | undefined {
    const field = this.#all(number).at(-1);
    return field && contentOf(expectWireType(field, LENGTH_DELIMITED));
  }

  texts(number: number): string[] {
    return this.#all(number).map((field) => new TextDecoder().decode(contentOf(field)));
  }

  text(number: number): string | undefined {
    return this.texts(number).at(-1);
  }

  /** The messages of a field; changing one changes what is written of this one. */
  messages(number: number): ProtobufMessage[] {
    return this.#all(number).map(
      (field) => (field.message ??= ProtobufMessage.decode(contentOf(expectWireType(field, LENGTH_DELIMITED)))),
    );
  }

  message(number: number): ProtobufMessage | undefined {
    return this.messages(number).at(-1);
  }

  remove(number: number): void {
    this.#fields = this.#fields.filter((field) => field.number !== number);
  }

  /** Replaces all of a field by what `write` writes, where the first of it stood, else behind everything. */
  replace(number: number, write: (message: ProtobufWriter) => void): void {
    this.#replace(number, ProtobufMessage.of(write).#fields);
  }

  replaceMessages(number: number, messages: readonly ProtobufMessage[]): void {
    const fields = messages.map((message) => ({
      number,
      wireType: LENGTH_DELIMITED,
      encoded: new Uint8Array(),
      contentStart: 0,
      message,
    }));
    this.#replace(number, fields);
  }

  encode(): Uint8Array {
    const writer = new ProtobufWriter();
    for (const { number, encoded, message } of this.#fields) {
      if (message === undefined) writer.encoded(encoded);
      else writer.bytes(number, message.encode());
    }
    return writer.finish();
  }

  #all(number: number): Field[] {
    return this.#fields.filter((field) => field.number === number);
  }

  #replace(number: number, fields: readonly Field[]): void {
    const at = this.#fields.findIndex((field) => field.number === number);
    this.remove(number);
    this.#fields.splice(at === -1 ? this.#fields.length : at, 0, ...fields);
  }
}

/** Little-endian whatever the machine is; a cut-off rest is left out. */
export function littleEndianFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(i * 4, true));
}

class Cursor {
  offset = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.offset++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number is cut off');
  }

  /** Two's complement, as `int32` and `int64` are written. */
  integer(): bigint {
    return BigInt.asIntN(64, this.varint());
  }

  /** Goes behind a field's content. @returns where the content starts */
  skip(wireType: number): number {
    let start = this.offset;
    if (wireType === VARINT) this.varint();
    else if (wireType === FIXED_64) this.offset += 8;
    else if (wireType === FIXED_32) this.offset += 4;
    else if (wireType === LENGTH_DELIMITED) {
      const length = Number(this.varint());
      start = this.offset;
      this.offset += length;
    } else throw new RangeError(`a field is of the unknown wire type ${wireType}`);
    if (this.offset > this.#bytes.length) throw new RangeError('a field is cut off');
    return start;
  }
}

const contentOf = (field: Field): Uint8Array => field.message?.encode() ?? field.encoded.subarray(field.contentStart);

function expectWireType(field: Field, wireType: number): Field {
  if (field.wireType === wireType) return field;
  throw new RangeError(`field ${field.number} is of wire type ${field.wireType}, expected ${wireType}`);
}
