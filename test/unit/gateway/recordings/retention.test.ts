import { expect, it } from 'vitest';
import { segmentsToDelete, type KeptSegment, type Retention } from '#src/gateway/recordings/retention.js';

const HOUR = 3_600_000;
const NOW = 100 * HOUR;
const segment = (name: string, agoH: number, bytes: number, isWriting = false): KeptSegment => ({
  ...{ name, bytes, isWriting },
  endedMs: NOW - agoH * HOUR,
});
const four = [segment('d', 0, 10, true), segment('c', 1, 10), segment('b', 2, 10), segment('a', 3, 10)];

it.each<[string, readonly KeptSegment[], Partial<Retention>, string[]]>([
  ['nothing within both limits', four, {}, []],
  ['what is too old', four, { maxAgeMs: 1.5 * HOUR }, ['a', 'b']],
  ['the oldest where there is too much', four, { maxBytes: 25 }, ['a', 'b']],
  ['never what is being written', four, { maxBytes: 0 }, ['a', 'b', 'c']],
  ['nothing that is exactly at a limit', four, { maxBytes: 40, maxAgeMs: 3 * HOUR }, []],
  ['nothing where there is nothing', [], { maxBytes: 0 }, []],
])('deletes %s', (_name, segments, limits, names) => {
  const retention = { maxBytes: 1000, maxAgeMs: 10 * HOUR, ...limits };

  expect(segmentsToDelete(segments, retention, NOW)).toEqual(names);
});
