import { readFile } from 'node:fs/promises';
import { madeClip } from './clips.js';

/** A picture of baseline JPEG with the usual Huffman tables, taken apart for RTP. */
export interface JpegPicture {
  readonly width: number;
  readonly height: number;
  /** RFC 2435: 0 is 4:2:2, 1 is 4:2:0. */
  readonly type: number;
  /** Of brightness and of colour, 64 bytes each. */
  readonly tables: Buffer;
  /** Of the only scan. */
  readonly scan: Buffer;
}

const MARKER = { tables: 0xdb, frame: 0xc0, scan: 0xda };
const START = Buffer.from([0xff, 0xd8, 0xff]);
const END = Buffer.from([0xff, 0xd9]);
const SAMPLES_420 = 0x22;
const OWN_TABLES = 255;

/** Pictures of a clip; made once a machine. */
export async function jpegPictures(size: string, fps: number, seconds: number): Promise<JpegPicture[]> {
  const path = await madeClip('mjpeg', [
    ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`, '-t', String(seconds)],
    ...['-c:v', 'mjpeg', '-huffman', 'default', '-q:v', '5', '-pix_fmt', 'yuvj420p', '-f', 'mjpeg'],
  ]);
  const bytes = await readFile(path);
  const pictures: JpegPicture[] = [];
  for (let at = bytes.indexOf(START); at >= 0; at = bytes.indexOf(START, at + 1)) {
    pictures.push(readPicture(bytes.subarray(at, bytes.indexOf(END, at))));
  }
  return pictures;
}

function readPicture(bytes: Buffer): JpegPicture {
  let [width, height, type] = [0, 0, 0];
  let tables = Buffer.alloc(0);
  let at = 2;
  for (;;) {
    const [marker, length] = [bytes.readUInt8(at + 1), bytes.readUInt16BE(at + 2)];
    const content = bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
    if (marker === MARKER.tables) {
      // One for all, or one for brightness and one for colour.
      const [first = content, second = first] = [content.subarray(1, 65), content.subarray(66)].filter(
        (table) => table.length === 64,
      );
      tables = Buffer.concat([first, second]);
    }
    if (marker === MARKER.frame) {
      [height, width] = [content.readUInt16BE(1), content.readUInt16BE(3)];
      type = content.readUInt8(7) === SAMPLES_420 ? 1 : 0;
    }
    if (marker === MARKER.scan) return { width, height, type, tables, scan: bytes.subarray(at) };
  }
}

/** RFC 2435, with the tables in the first packet. */
export function splitJpeg({ width, height, type, tables, scan }: JpegPicture, mtu: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < scan.length; at += mtu) {
    const head = Buffer.alloc(8);
    head.writeUIntBE(at, 1, 3);
    head.set([type, OWN_TABLES, width / 8, height / 8], 4);
    const quantisation = at === 0 ? [Buffer.from([0, 0, 0, tables.length]), tables] : [];
    parts.push(Buffer.concat([head, ...quantisation, scan.subarray(at, at + mtu)]));
  }
  return parts;
}
