import { describe, expect, it } from 'vitest';
import { formatMotRow, readMotDetections } from '#src/offline/mot-format.js';

const read = (text: string): ReturnType<typeof readMotDetections> =>
  readMotDetections(text, { fps: 25, kind: 'face', fileName: 'det.txt' });

describe('readMotDetections', () => {
  it('gives every frame, the empty ones too, with PTS and line numbers', () => {
    const sets = read('3,-1,5,6,7,8,0.5,-1,-1,-1\n\n1,-1,1.5,2,3,4,.9\n3 -1 1 2 3 4 0.25\r\n');

    expect(sets.map(({ frame, ptsMs, rows }) => ({ frame, ptsMs, rows }))).toEqual([
      { frame: 1, ptsMs: 0, rows: [1] },
      { frame: 2, ptsMs: 40, rows: [] },
      { frame: 3, ptsMs: 80, rows: [0, 2] },
    ]);
    expect(sets[0]!.detections).toEqual([{ box: { x: 1.5, y: 2, width: 3, height: 4 }, score: 0.9, kind: 'face' }]);
    expect(sets[2]!.detections.map(({ score }) => score)).toEqual([0.5, 0.25]);
  });

  it('takes a line without a score as sure', () => {
    expect(read('1,-1,1,2,3,4')[0]!.detections[0]!.score).toBe(1);
  });

  it('has nothing to say about an empty file', () => {
    expect(read('')).toEqual([]);
  });

  it.each([
    { name: 'words', line: 'frame,id,x' },
    { name: 'frame 0', line: '0,-1,1,2,3,4,1' },
    { name: 'half a frame', line: '1.5,-1,1,2,3,4,1' },
    { name: 'no width', line: '1,-1,1,2,0,4,1' },
    { name: 'too few numbers', line: '1,-1,1,2,3' },
  ])('names the line it cannot read: $name', ({ line }) => {
    expect(() => read(`1,-1,1,2,3,4,1\n${line}\n`)).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_BAD_INPUT', message: expect.stringContaining('det.txt:2') as string }),
    );
  });
});

it.each([
  ['a frame that nobody reaches', '1,-1,1,2,3,4,1\n999999999,-1,1,2,3,4,1', /no line for the 999999997 frames before/],
  ['a frame beyond what numbers count', '1e300,-1,1,2,3,4,1', /frame 1e\+300/],
  ['more people than a frame has', '1,-1,1,2,3,4,1\n'.repeat(501), /det\.txt:501 is one of more than 500/],
  ['a box beyond every picture', '1,-1,1e300,2,3,4,1', /det\.txt:1 is not/],
])('refuses %s, instead of taking hours', (_name, text, message) => {
  expect(() => read(text)).toThrow(message);
});

describe('formatMotRow', () => {
  it('writes one line of a result file', () => {
    const row = formatMotRow(7, {
      id: 3,
      state: 'tracked',
      box: { x: 1, y: 2.345, width: 3, height: 4 },
      score: 0.5,
      kind: 'face',
      bornPtsMs: 0,
      seenPtsMs: 0,
    });

    expect(row).toBe('7,3,1.00,2.35,3.00,4.00,0.500,-1,-1,-1\n');
  });
});
