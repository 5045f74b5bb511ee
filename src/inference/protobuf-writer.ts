/** Wire types of the protocol buffers encoding. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/**
 * Writes one message of the protocol buffers encoding
 * (https://protobuf.dev/programming-guides/encoding): as much of it as model files need.
 */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number ≥ 0. */
  integer(field: number, value: number): this {
    return this.#tag(field, VARINT).#varint(value);
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

  /** Seven bits a byte, the lowest first; the top bit says that there are more. */
  #varint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`value: expected a whole number ≥ 0, got ${value}`);
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#parts.push(Uint8Array.of(...bytes, rest));
    return this;
  }
}
