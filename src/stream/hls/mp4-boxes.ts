/** A box of ISO 14496-12. */
export interface Box {
  /** Four characters. */
  readonly type: string;
  /** Of the box, in the bytes that it was found in. */
  readonly offset: number;
  /** Without its header. */
  readonly content: Buffer;
}

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;
const HIGH_WORD = 2 ** 32;

/** The boxes that follow each other in `bytes`; what is cut off is left out. */
export function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const small = bytes.readUInt32BE(at);
    const isLarge = small === 1 && at + LARGE_HEADER_BYTES <= bytes.length;
    const header = isLarge ? LARGE_HEADER_BYTES : HEADER_BYTES;
    const size = isLarge ? readUInt64(bytes, at + HEADER_BYTES) : small === 0 ? bytes.length - at : small;
    if (size < header || at + size > bytes.length) break;
    const type = bytes.toString('latin1', at + 4, at + HEADER_BYTES);
    boxes.push({ type, offset: at, content: bytes.subarray(at + header, at + size) });
    at += size;
  }
  return boxes;
}

/** The first box at a path of types. */
export function findBox(bytes: Buffer | undefined, ...path: readonly string[]): Buffer | undefined {
  let found = bytes;
  for (const type of path) found = found && boxesIn(found).find((box) => box.type === type)?.content;
  return found;
}

/** A number of eight bytes. */
export const readUInt64 = (bytes: Buffer, at: number): number =>
  bytes.readUInt32BE(at) * HIGH_WORD + bytes.readUInt32BE(at + 4);

/** Reads numbers one after the other; past the end everything is 0, and {@link isOver} says so. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Whether more was read than there is. */
  isOver(): boolean {
    return this.#at > this.#bytes.length;
  }

  /** A number of so many bytes, without a sign. */
  uint(bytes: 1 | 2 | 3 | 4): number {
    const at = this.#advance(bytes);
    return this.isOver() ? 0 : this.#bytes.readUIntBE(at, bytes);
  }

  /** Of four bytes, with a sign. */
  int32(): number {
    const at = this.#advance(4);
    return this.isOver() ? 0 : this.#bytes.readInt32BE(at);
  }

  /** Of eight bytes. */
  uint64(): number {
    return this.uint(4) * HIGH_WORD + this.uint(4);
  }

  /** Leaves bytes out. */
  skip(bytes: number): void {
    this.#advance(bytes);
  }

  /** So many bytes, or what is left of them. */
  take(bytes: number): Buffer {
    const at = this.#advance(bytes);
    return this.#bytes.subarray(at, at + bytes);
  }

  #advance(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}
