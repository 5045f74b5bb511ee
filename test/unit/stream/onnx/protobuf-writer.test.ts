import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from '#src/stream/onnx/protobuf-writer.js';

describe('ProtobufWriter', () => {
  // The first three are the examples of protobuf.dev/programming-guides/encoding.
  it.each<[string, (writer: ProtobufWriter) => ProtobufWriter, readonly number[]]>([
    ['a number', (writer) => writer.integer(1, 150), [0x08, 0x96, 0x01]],
    ['text', (writer) => writer.text(2, 'testing'), [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]],
    ['a message', (writer) => writer.message(3, (inner) => inner.integer(1, 150)), [0x1a, 0x03, 0x08, 0x96, 0x01]],
    ['nothing', (writer) => writer, []],
    ['a field of two bytes', (writer) => writer.integer(20, 0), [0xa0, 0x01, 0x00]],
    ['a number over 32 bits', (writer) => writer.integer(1, 2 ** 40), [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]],
    ['fields in their order', (writer) => writer.integer(2, 1).integer(1, 2), [0x10, 0x01, 0x08, 0x02]],
  ])('writes %s', (_, write, bytes) => {
    expect([...write(new ProtobufWriter()).finish()]).toEqual(bytes);
  });

  it.each([-1, 0.5, Number.NaN])('refuses %d as a whole number', (value) => {
    expect(() => new ProtobufWriter().integer(1, value)).toThrow(RangeError);
  });
});
