import { describe, expect, it } from 'vitest';
import { fragmentEnds, trackTimes, type TrackTime } from '#src/shared/recordings/fragment-times.js';

const box = (type: string, ...contents: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(contents);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
};
const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => bytes.writeUInt32BE(value, 4 * at));
  return bytes;
};
/** Version and flags, then words. */
const full = (type: string, flags: number, ...values: readonly number[]): Buffer => box(type, words(flags, ...values));
const VERSION_1 = 0x1000000;

const handler = (name: string): Buffer => box('hdlr', words(0, 0), Buffer.from(name, 'latin1'), words(0, 0, 0));

const track = (id: number, unitsPerS: number, version = 0): Buffer => {
  const times = version === 1 ? [0, 0, 0, 0] : [0, 0];
  return box(
    'trak',
    full('tkhd', version * VERSION_1, ...times, id, 0),
    box('mdia', full('mdhd', version * VERSION_1, ...times, unitsPerS, 0), handler(id === 1 ? 'vide' : 'soun')),
  );
};

describe('the tracks of an index', () => {
  it('are told with their units of time and the length of a sample', () => {
    const moov = box(
      'moov',
      full('mvhd', 0, 0, 0, 1000),
      track(1, 2500),
      track(2, 48_000, 1),
      box('mvex', full('trex', 0, 1, 1, 0, 0, 0), full('trex', 0, 2, 1, 1024, 0, 0)),
    );

    expect([...trackTimes(moov)]).toEqual([
      [1, { unitsPerS: 2500, defaultUnits: 0, handler: 'vide' }],
      [2, { unitsPerS: 48_000, defaultUnits: 1024, handler: 'soun' }],
    ]);
  });

  it('are none where the index is cut', () => {
    expect(trackTimes(box('moov', track(1, 2500)).subarray(0, 40)).size).toBe(0);
  });
});

describe('the end of a fragment', () => {
  const TRACKS = new Map<number, TrackTime>([
    [1, { unitsPerS: 100, defaultUnits: 4, handler: 'vide' }],
    [2, { unitsPerS: 1000, defaultUnits: 20, handler: 'soun' }],
  ]);
  const from = (units: number): Buffer => full('tfdt', VERSION_1, 0, units);

  it.each<[string, Buffer[], [number, number][]]>([
    [
      'by the length of each sample',
      [full('tfhd', 0, 1), from(50), full('trun', 0x301, 2, 99, 3, 1, 7, 1)],
      [[1, 0.6]],
    ],
    [
      'by the length that the fragment gives all',
      [full('tfhd', 0xb, 1, 0, 0, 1, 5), from(50), full('trun', 0, 3)],
      [[1, 0.65]],
    ],
    [
      'by the length that the index gives all',
      [full('tfhd', 0, 2), full('tfdt', 0, 500), full('trun', 0x5, 3, 9, 9)],
      [[2, 0.56]],
    ],
    ['of several runs', [full('tfhd', 0, 1), from(0), full('trun', 0, 5), full('trun', 0, 5)], [[1, 0.4]]],
    ['of a track that the index has not', [full('tfhd', 0, 3), from(0), full('trun', 0, 5)], []],
    ['without its beginning', [full('tfhd', 0, 1), full('trun', 0, 5)], []],
  ])('%s', (_name, boxes, ends) => {
    const moof = box('moof', full('mfhd', 0, 1), box('traf', ...boxes));

    expect([...fragmentEnds(moof, TRACKS)]).toEqual(ends);
  });

  it('is told for each track', () => {
    const part = (id: number): Buffer => box('traf', full('tfhd', 0, id), from(0), full('trun', 0, 10));

    expect([...fragmentEnds(box('moof', part(1), part(2)), TRACKS)]).toEqual([
      [1, 0.4],
      [2, 0.2],
    ]);
  });
});
