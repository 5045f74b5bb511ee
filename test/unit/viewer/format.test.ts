import { expect, it } from 'vitest';
import {
  formatBytes,
  formatDelay,
  formatDuration,
  formatLength,
  formatMemory,
  formatMoment,
  formatMs,
  formatTime,
} from '#src/viewer/format.js';

it.each([
  [formatMs(4.24), '4.2'],
  [formatMs(42.4), '42'],
  [formatBytes(0), '0 B'],
  [formatBytes(999), '999 B'],
  [formatBytes(12_345), '12.3 kB'],
  [formatBytes(123_456_789), '123 MB'],
  [formatBytes(5e15), '5000 TB'],
  [formatMemory(undefined), '–'],
  [formatMemory({ processBytes: 812e6, streamsInProcess: 1 }), '812 MB'],
  [
    formatMemory({ processBytes: 812e6, streamsInProcess: 3, gpuBytes: 1.2e9 }),
    '812 MB + 1.2 GB on the GPU for 3 streams',
  ],
  [formatDuration(-1), '0 s'],
  [formatDuration(59.9), '59 s'],
  [formatDuration(60), '1 min'],
  [formatDuration(3_900), '1 h 05 min'],
  [formatLength(-1), '0:00'],
  [formatLength(9.6), '0:10'],
  [formatLength(598.2), '9:58'],
  [formatLength(3_607), '1:00:07'],
  [formatMoment('2026-11-29T08:15:30.125Z', 'UTC'), '29 Nov 2026, 08:15:30'],
  [formatMoment('2026-11-29T23:15:30.125Z', 'Asia/Tokyo'), '30 Nov 2026, 08:15:30'],
  [formatDelay(4.24), '4.2 ms'],
  [formatDelay(999), '999 ms'],
  [formatDelay(2712), '2.7 s'],
  [formatTime(new Date(2026, 10, 29, 8, 5, 3).getTime()), '08:05:03'],
])('%j is %j', (shown, expected) => {
  expect(shown).toBe(expected);
});
