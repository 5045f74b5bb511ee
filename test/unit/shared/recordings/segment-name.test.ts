import { expect, it } from 'vitest';
import { isSegmentName, journalNameOf, segmentOfJournal, startOfSegment } from '#src/shared/recordings/segment-name.js';

it.each<[string, boolean]>([
  ['2026-11-29T08-15-30.125Z.mp4', true],
  ['2026-11-29T08-15-30.125Z-2.mp4', true],
  ['2026-11-29T08-15-30.125Z.json', false],
  ['holiday.mp4', false],
  ['../2026-11-29T08-15-30.125Z.mp4', false],
  ['2026-11-29T08-15-30.125Z.mp4/..', false],
  ['.2026-11-29T08-15-30.125Z.mp4', false],
  ['2026-11-29T08-15-30.125Z.mp4\n', false],
  ['', false],
])('%j is the name of a segment: %s', (name, isOne) => {
  expect(isSegmentName(name)).toBe(isOne);
});

it.each<[string, string | undefined]>([
  ['2026-11-29T08-15-30.125Z.mp4', '2026-11-29T08:15:30.125Z'],
  ['2026-11-29T08-15-30.125Z-3.mp4', '2026-11-29T08:15:30.125Z'],
  ['2026-19-39T08-15-30.125Z.mp4', undefined],
  ['clip.mp4', undefined],
])('%j began at %s', (name, start) => {
  expect(startOfSegment(name)).toBe(start);
});

it('knows the journal of a segment, and the segment of a journal', () => {
  const segment = '2026-11-29T08-15-30.125Z-2.mp4';

  expect(segmentOfJournal(journalNameOf(segment))).toBe(segment);
  expect(segmentOfJournal('package.json')).toBeUndefined();
});
