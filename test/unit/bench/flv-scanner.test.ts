import { describe, expect, it } from 'vitest';
import { FlvScanner, RecordingCounter, type FlvTag } from '#src/bench/flv-scanner.js';

const VIDEO = 9;
const AUDIO = 8;
const SCRIPT = 18;
const KEYFRAME = [0x17, 1, 0, 0, 0];
const PICTURE = [0x27, 1, 0, 0, 0];
const VIDEO_HEADER = [0x17, 0, 0, 0, 0];
const VIDEO_END = [0x17, 2, 0, 0, 0];
const SOUND = [0xaf, 1, 0];
const SOUND_HEADER = [0xaf, 0, 0];

const FILE_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);

/** One tag of a file, byte by byte. */
function tag(type: number, timeMs: number, content: readonly number[]): Buffer {
  const header = Buffer.alloc(11);
  header.writeUInt8(type, 0);
  header.writeUIntBE(content.length, 1, 3);
  header.writeUIntBE(timeMs % 2 ** 24, 4, 3);
  header.writeUInt8(Math.floor(timeMs / 2 ** 24), 7);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(11 + content.length);
  return Buffer.concat([header, Buffer.from(content), size]);
}

function scan(bytes: Buffer, chunkBytes = bytes.length): FlvTag[] {
  const tags: FlvTag[] = [];
  const scanner = new FlvScanner((found) => tags.push(found));
  for (let at = 0; at < bytes.length; at += chunkBytes) scanner.add(bytes.subarray(at, at + chunkBytes));
  return tags;
}

describe('FlvScanner', () => {
  const file = Buffer.concat([
    FILE_HEADER,
    tag(SCRIPT, 0, [2, 0]),
    tag(VIDEO, 0, VIDEO_HEADER),
    tag(AUDIO, 0, SOUND_HEADER),
    tag(VIDEO, 20_000_000, KEYFRAME),
    tag(AUDIO, 20_000_010, SOUND),
    tag(VIDEO, 20_000_033, PICTURE),
    tag(VIDEO, 20_000_033, VIDEO_END),
  ]);

  it.each([1, 7, 64, 100_000])('finds the same tags in chunks of %d bytes', (chunkBytes) => {
    const tags = scan(file, chunkBytes);

    expect(tags.map(({ kind, timeMs }) => [kind, timeMs])).toEqual([
      ['other', 0],
      ['video', 0],
      ['audio', 0],
      ['video', 20_000_000],
      ['audio', 20_000_010],
      ['video', 20_000_033],
      ['video', 20_000_033],
    ]);
    expect(tags.map(({ isHeader }) => isHeader)).toEqual([false, true, true, false, false, false, false]);
    expect(tags.map(({ isMedia }) => isMedia)).toEqual([false, false, false, true, true, true, false]);
    expect(tags.map(({ isKeyframe }) => isKeyframe)).toEqual([false, false, false, true, false, false, false]);
    expect(tags.map(({ offset }) => offset)).toEqual(
      tags.map((_, i) => FILE_HEADER.length + tags.slice(0, i).reduce((sum, { bytes }) => sum + bytes, 0)),
    );
  });

  it('leaves out a tag that is not complete', () => {
    expect(scan(file.subarray(0, file.length - 1))).toHaveLength(6);
  });
});

describe('RecordingCounter', () => {
  const count = (tags: Buffer[]): ReturnType<RecordingCounter['read']> => {
    const counter = new RecordingCounter(30);
    counter.beginFile();
    for (const found of scan(Buffer.concat([FILE_HEADER, ...tags]))) counter.add(found);
    return counter.read();
  };

  it.each([
    ['none', [0, 33, 67, 100, 133], { frames: 5, missing: 0, longestStepMs: 34, backSteps: 0 }],
    ['two in a row', [0, 33, 133, 167], { frames: 4, missing: 2, longestStepMs: 100, backSteps: 0 }],
    [
      'a step back',
      [0, 33, 20, 67],
      {
        frames: 4,
        missing: 0,
        longestStepMs: 47,
        backSteps: 1,
        flaws: [{ file: 1, kind: 'video', atS: 0.033, stepMs: -13 }],
      },
    ],
  ])('counts what is missing: %s', (_, times, expected) => {
    expect(count(times.map((timeMs) => tag(VIDEO, timeMs, PICTURE)))).toMatchObject({ files: 1, ...expected });
  });

  it('does not take the configuration and the end of the pictures for pictures', () => {
    const facts = count([tag(VIDEO, 0, VIDEO_HEADER), tag(VIDEO, 0, KEYFRAME), tag(VIDEO, 0, VIDEO_END)]);

    expect(facts).toMatchObject({ frames: 1, backSteps: 0 });
  });
});
