import { describe, expect, it } from 'vitest';
import { playableBytes, readBox, type Mp4Box } from '#src/shared/recordings/mp4-boxes.js';

/** Boxes one after the other. */
function layout(...sizes: readonly (readonly [string, number])[]): Mp4Box[] {
  let start = 0;
  return sizes.map(([type, size]) => {
    const box = { type, start, size };
    start += size;
    return box;
  });
}

const HEAD = [
  ['ftyp', 32],
  ['moov', 1400],
] as const;
const FRAGMENT = [
  ['moof', 200],
  ['mdat', 5000],
] as const;

describe('what plays of a file that was being written', () => {
  it.each<[string, Mp4Box[], number, number]>([
    ['nothing was written', [], 0, 0],
    ['the index is not whole', layout(...HEAD), 900, 0],
    ['there is an index alone', layout(...HEAD), 1432, 0],
    ['two fragments are whole', layout(...HEAD, ...FRAGMENT, ...FRAGMENT), 11_832, 11_832],
    ['the second fragment is cut in its media', layout(...HEAD, ...FRAGMENT, ...FRAGMENT), 9000, 6632],
    ['the second fragment is cut in its head', layout(...HEAD, ...FRAGMENT, ['moof', 200]), 6700, 6632],
    ['there is something else behind', layout(...HEAD, ...FRAGMENT, ['moof', 200]), 6832, 6632],
    ['it is complete', layout(...HEAD, ...FRAGMENT, ['mfra', 260]), 6892, 6892],
    ['the index at the end is cut', layout(...HEAD, ...FRAGMENT, ['mfra', 260]), 6700, 6632],
  ])('%s', (_name, boxes, fileBytes, bytes) => {
    expect(playableBytes(boxes, fileBytes)).toBe(bytes);
  });
});

describe('the head of a box', () => {
  const head = (size: number, type: string, large?: bigint): Buffer => {
    const bytes = Buffer.alloc(16);
    bytes.writeUInt32BE(size, 0);
    bytes.write(type, 4, 'latin1');
    if (large !== undefined) bytes.writeBigUInt64BE(large, 8);
    return bytes;
  };

  it.each<[string, Buffer, Mp4Box | undefined]>([
    ['with a short size', head(40, 'moov'), { type: 'moov', start: 100, size: 40 }],
    ['with a long size', head(1, 'mdat', 5_000_000_000n), { type: 'mdat', start: 100, size: 5_000_000_000 }],
    ['up to the end of the file', head(0, 'mdat'), { type: 'mdat', start: 100, size: 900 }],
    ['with a size below its own', head(7, 'free'), undefined],
    ['with a long size below its own', head(1, 'free', 8n), undefined],
    ['of no type', head(40, '\0\0\0\0'), undefined],
    ['that is cut', head(40, 'moov').subarray(0, 6), undefined],
  ])('%s', (_name, header, box) => {
    expect(readBox(header, 100, 1000)).toEqual(box);
  });
});
