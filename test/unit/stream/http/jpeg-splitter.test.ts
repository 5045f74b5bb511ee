import { describe, expect, it } from 'vitest';
import { JpegSplitter } from '#src/stream/http/jpeg-splitter.js';

/** A picture with a thumbnail in a segment, a restart marker, an escaped 0xff and a second scan. */
function picture(body = 'pixels'): Buffer {
  const segment = (marker: number, content: Buffer): Buffer => {
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(content.length + 2, 2);
    return Buffer.concat([head, content]);
  };
  const thumbnail = Buffer.from([0xff, 0xd8, 0xff, 0xdb, 0xff, 0xd9]);
  const scan = Buffer.concat([Buffer.from(body), Buffer.from([0xff, 0x00, 0xff, 0xd0]), Buffer.from(body)]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe1, thumbnail),
    segment(0xda, Buffer.from([1, 1, 0])),
    scan,
    Buffer.from([0xff, 0xff]),
    segment(0xda, Buffer.from([1, 2, 0])).subarray(1),
    scan,
    Buffer.from([0xff, 0xd9]),
  ]);
}

const part = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`\r\n--b\r\nContent-Length: ${bytes.length}\r\n\r\n`), bytes]);

describe('JpegSplitter', () => {
  it.each([1, 3, 7, 1000])('gives whole pictures, %i bytes at a time', (step) => {
    const sent = [picture('one'), picture('two two'), picture('')];
    const stream = Buffer.concat(sent.map(part));
    const splitter = new JpegSplitter();

    const got: Buffer[] = [];
    for (let at = 0; at < stream.length; at += step) got.push(...splitter.push(stream.subarray(at, at + step)));

    expect(got).toEqual(sent);
    expect(splitter.damaged).toBe(0);
  });

  it('gives a picture with its last byte, not with what follows', () => {
    const splitter = new JpegSplitter();

    expect(splitter.push(part(picture()))).toHaveLength(1);
  });

  it('shows a picture that is cut off as far as it goes, without the boundary', () => {
    const cut = picture().subarray(0, -20);
    const splitter = new JpegSplitter();

    const got = splitter.push(Buffer.concat([part(cut), part(picture())]));

    expect(got).toEqual([Buffer.concat([cut, Buffer.from([0xff, 0xd9])]), picture()]);
    expect(splitter.damaged).toBe(1);
  });

  it.each([
    ['a length of nothing', Buffer.from([0xff, 0xd8, 0xff, 0xdb, 0, 0])],
    ['text after the first marker', Buffer.from([0xff, 0xd8, 0xff, 0x20, 0x20])],
    ['a second beginning', Buffer.from([0xff, 0xd8, 0xff, 0xd8, 0xff, 0xd8])],
  ])('finds the next picture after %s', (_, junk) => {
    const splitter = new JpegSplitter();

    const got = splitter.push(Buffer.concat([junk, picture()]));

    expect(got).toEqual([picture()]);
    expect(splitter.damaged).toBeGreaterThan(0);
  });

  it('gives up a picture without an end, and keeps no more than that', () => {
    const splitter = new JpegSplitter();
    const begin = picture().subarray(0, -2);

    splitter.push(begin);
    for (let mebibytes = 0; mebibytes < 17; mebibytes += 1) splitter.push(Buffer.alloc(1 << 20, 1));

    expect(splitter.push(picture())).toEqual([picture()]);
  });
});
