import { expect, it } from 'vitest';
import type { RecordingStatus } from '#src/shared/domain/recording.js';
import { nextRecordingStatus, type RecordingEvent } from '#src/stream/supervision/recording-status.js';

const BEFORE = '2026-11-29T08:00:00.000Z';
const NOW = '2026-11-29T08:00:05.000Z';
const error = { code: 'DIPTYCH_E_DISK_FULL', message: 'the disk is full', nextTryAt: NOW } as const;
const off: RecordingStatus = { state: 'off', since: BEFORE, bytes: 0 };
const recording: RecordingStatus = { state: 'recording', since: BEFORE, file: 'a.mp4', bytes: 10 };
const retrying: RecordingStatus = { state: 'retrying', since: BEFORE, bytes: 10, error };

it.each<[string, RecordingStatus, RecordingEvent, RecordingStatus]>([
  ['begins', off, { type: 'started' }, { state: 'starting', since: NOW, bytes: 0 }],
  [
    'writes',
    { state: 'starting', since: BEFORE, bytes: 0 },
    { type: 'progress', file: 'a.mp4', bytes: 5 },
    { state: 'recording', since: NOW, file: 'a.mp4', bytes: 5 },
  ],
  [
    'goes on in another segment',
    recording,
    { type: 'progress', file: 'b.mp4', bytes: 20 },
    { state: 'recording', since: BEFORE, file: 'b.mp4', bytes: 20 },
  ],
  ['fails', recording, { type: 'failed', error }, { state: 'retrying', since: NOW, bytes: 10, error }],
  ['keeps its error until it writes', retrying, { type: 'progress', bytes: 10 }, retrying],
  [
    'forgets its error when it writes',
    retrying,
    { type: 'progress', file: 'b.mp4', bytes: 12 },
    { state: 'recording', since: NOW, file: 'b.mp4', bytes: 12 },
  ],
  ['ends', retrying, { type: 'ended' }, { state: 'off', since: NOW, bytes: 10 }],
])('%s', (_name, before, event, after) => {
  expect(nextRecordingStatus(before, event, NOW)).toEqual(after);
});
