import { describe, expect, it } from 'vitest';
import { ProtobufMessage } from '#src/stream/onnx/protobuf-message.js';
import { ProtobufWriter } from '#src/stream/onnx/protobuf-writer.js';

const written = (write: (writer: ProtobufWriter) => ProtobufWriter): Uint8Array => write(new ProtobufWriter()).finish();

describe('reading', () => {
  const message = ProtobufMessage.decode(
    written((writer) =>
      writer
        .integer(1, 150)
        .int64(1, -3n)
        .bytes(1, Uint8Array.of(0x07, 0x96, 0x01))
        .text(2, 'testing')
        .text(2, 'again')
        .message(3, (inner) => inner.integer(1, 7))
        .float(4, 0.5)
        .bytes(4, new Uint8Array(Float32Array.of(1, -2).buffer)),
    ),
  );

  it('gives whole numbers of either sign, packed or not', () => {
    expect(message.integers(1)).toEqual([150n, -3n, 7n, 150n]);
    expect(message.integer(1)).toBe(150);
  });

  it('gives text, floats and messages', () => {
    expect(message.texts(2)).toEqual(['testing', 'again']);
    expect(message.text(2)).toBe('again');
    expect([...message.floats(4)]).toEqual([0.5, 1, -2]);
    expect(message.message(3)?.integer(1)).toBe(7);
  });

  it('knows what is not there', () => {
    expect([message.has(3), message.has(9)]).toEqual([true, false]);
    expect([message.integer(9), message.text(9), message.bytes(9), message.message(9)]).toEqual(
      Array(4).fill(undefined),
    );
  });
});

describe('writing', () => {
  it('leaves alone what it does not know, whatever kind it is', () => {
    // A number written longer than need be, 64 and 32 bits, and a field number of two bytes.
    const bytes = Uint8Array.of(
      ...[0x08, 0x81, 0x80, 0x00],
      ...[0x11, 1, 2, 3, 4, 5, 6, 7, 8],
      ...[0x1d, 1, 2, 3, 4],
      ...[0x82, 0x7d, 0x01, 0xff],
    );
    expect(ProtobufMessage.decode(bytes).encode()).toEqual(bytes);
  });

  it('writes what was changed in a message within, and nothing else anew', () => {
    const message = ProtobufMessage.decode(
      written((writer) =>
        writer
          .text(1, 'before')
          .message(2, (inner) => inner.integer(1, 1).integer(9, 9))
          .text(3, 'behind'),
      ),
    );
    message.message(2)!.replace(1, (writer) => writer.integer(1, 300));
    expect(message.encode()).toEqual(
      written((writer) =>
        writer
          .text(1, 'before')
          .message(2, (inner) => inner.integer(1, 300).integer(9, 9))
          .text(3, 'behind'),
      ),
    );
  });

  it('puts what replaces a field where its first stood, what is new behind everything', () => {
    const message = ProtobufMessage.decode(written((writer) => writer.text(1, 'a').text(2, 'x').text(1, 'b')));
    message.replace(1, (writer) => writer.text(1, 'c').text(1, 'd'));
    message.replaceMessages(5, [ProtobufMessage.of((writer) => writer.integer(1, 1))]);
    message.remove(2);
    expect(message.encode()).toEqual(
      written((writer) =>
        writer
          .text(1, 'c')
          .text(1, 'd')
          .message(5, (inner) => inner.integer(1, 1)),
      ),
    );
  });
});

describe('what is no message', () => {
  it.each<[string, readonly number[]]>([
    ['a number that goes on', [0x08, 0x80]],
    ['a number without an end', [0x08, ...Array<number>(11).fill(0x80)]],
    ['text that is too short', [0x12, 0x05, 0x61]],
    ['64 bits that are too few', [0x11, 0x00]],
    ['a group', [0x0b]],
  ])('refuses %s', (_, bytes) => {
    expect(() => ProtobufMessage.decode(Uint8Array.from(bytes))).toThrow(RangeError);
  });

  it('refuses a field of another kind than is asked for', () => {
    const message = ProtobufMessage.decode(Uint8Array.of(0x0d, 0, 0, 0, 0));
    expect(() => message.integers(1)).toThrow('field 1 is of wire type 5, expected 2');
  });
});
