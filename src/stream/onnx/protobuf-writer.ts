/** Wire types of the protocol buffers encoding. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/**
 * Writes one message of the protocol buffers encoding
 * (https://protobuf.dev/programming-guides/encoding): as much of it as model files need.
 */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** Fields that are encoded already. */
  encoded(fields: Uint8Array): this {
    this.#parts.push(fields);
    return this;
  }

  /** A whole number ≥ 0. */
  integer(field: number, value: number): this {
    return this.#tag(field, VARINT).#varint(value);
  }

  /** A 64-bit number of either sign. */
  int64(field: number, value: bigint): this {
    return this.#tag(field, VARINT).#varint64(BigInt.asUintN(64, value));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#tag(field, FIXED_32).encoded(bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, LENGTH_DELIMITED).#varint(value.length).#parts.push(value);
    return this;
  }

  /** A message within this one. */
  message(field: number, write: (message: ProtobufWriter) => void): this {
    const message = new ProtobufWriter();
    write(message);
    return this.bytes(field, message.finish());
  }

  finish(): Uint8Array {
    const all = new Uint8Array(this.#parts.reduce((length, part) => length + part.length, 0));
    let offset = 0;
    for (const part of this.#parts) {
      all.set(part, offset);
      offset += part.length;
    }
    return all;
  }

  #tag(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  #varint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`value: expected a whole number ≥ 0, got ${value}`);
    return this.#varint64(BigInt(value));
  }

  /** Seven bits a byte, the lowest first; the top bit says that there are more. */
  #varint64(value: bigint): this {
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 0x80n) {
      bytes.push(Number(rest % 0x80n) + 0x80);
      rest /= 0x80n;
    }
    this.#parts.push(Uint8Array.of(...bytes, Number(rest)));
    return this;
  }
}
