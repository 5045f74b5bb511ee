import { describe, expect, it } from 'vitest';
import { ChunkReader, writeMessage, type RtmpMessage } from '#src/stream/stages/publish/rtmp/chunks.js';

const message = (length: number, timestampMs = 5): RtmpMessage => ({
  ...{ type: 20, streamId: 1, timestampMs },
  payload: Buffer.from(Array.from({ length }, (_, index) => index % 251)),
});

describe('chunks of RTMP', () => {
  it.each([1, 127, 128, 129, 1000])('a message of %i bytes comes back whole, in whatever pieces it comes', (length) => {
    const bytes = writeMessage(message(length));

    for (const size of [1, 7, 100, bytes.length]) {
      const reader = new ChunkReader();
      const read: RtmpMessage[] = [];
      for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)));
      expect(read).toEqual([message(length)]);
    }
  });

  it('follow the chunk size that the other side sets', () => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(4096);
    const setSize = writeMessage({ type: 1, streamId: 0, timestampMs: 0, payload: size }, 2);
    const { payload } = message(1000);
    const head = Buffer.from([3, 0, 0, 5, 0, 3, 0xe8, 20, 1, 0, 0, 0]);

    const read = new ChunkReader().push(Buffer.concat([setSize, head, payload]));

    expect(read.at(-1)).toEqual(message(1000));
  });

  it('end with an error where a message that has begun becomes shorter', () => {
    const first = Buffer.concat([Buffer.from([3, 0, 0, 5, 0, 3, 0xe8, 20, 1, 0, 0, 0]), Buffer.alloc(128)]);
    const shorter = Buffer.from([0x43, 0, 0, 5, 0, 0, 1, 20, 7]);

    expect(() => new ChunkReader().push(Buffer.concat([first, shorter]))).toThrow(RangeError);
  });

  it('may hold one byte each', () => {
    const setSize = writeMessage({ type: 1, streamId: 0, timestampMs: 0, payload: Buffer.from([0, 0, 0, 1]) }, 2);
    const { payload } = message(1000);
    const head = Buffer.from([3, 0, 0, 5, 0, 3, 0xe8, 20, 1, 0, 0, 0]);
    const chunks = Array.from(payload, (byte, at) => Buffer.from(at === 0 ? [...head, byte] : [0xc3, byte]));

    const read = new ChunkReader().push(Buffer.concat([setSize, ...chunks]));

    expect(read.at(-1)).toEqual(message(1000));
  });

  it('count time on where a header gives a difference', () => {
    const first = Buffer.from([4, 0, 0, 100, 0, 0, 1, 8, 1, 0, 0, 0, 0xaa]);
    const second = Buffer.from([0x44, 0, 0, 21, 0, 0, 1, 8, 0xbb]);
    const third = Buffer.from([0xc4, 0xcc]);

    const read = new ChunkReader().push(Buffer.concat([first, second, third]));

    expect(read.map(({ timestampMs }) => timestampMs)).toEqual([100, 121, 142]);
  });
});
