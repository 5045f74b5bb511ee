import { describe, expect, it } from 'vitest';
import type { StreamState, TargetState, TargetStatus } from '#src/shared/domain/stream-status.js';
import { recycleReason, type RecycleCase, type RecycleReason } from '#src/gateway/streams/recycle-policy.js';

const MB = 1_000_000;

const target = (state: TargetState): TargetStatus => ({
  ...{ id: 'a', url: 'rtmp://host/app/***', state, since: '2026-01-01T00:00:00Z', bytes: 0, retries: 0, dropped: 0 },
});

const stream = (state: StreamState, ...targets: TargetState[]): RecycleCase['streams'][number] => ({
  ...{ state, targets: targets.map(target) },
});

const over: RecycleCase = {
  memoryBytes: 3500 * MB,
  limitBytes: 3000 * MB,
  ageS: 3600,
  overForS: 60,
  streams: [stream('live')],
};

describe('recycleReason', () => {
  it.each<[string, Partial<RecycleCase>, RecycleReason | undefined]>([
    ['what is within its limit', { memoryBytes: 3000 * MB }, undefined],
    ['what has no limit', { limitBytes: 0 }, undefined],
    ['it is not published', {}, 'quiet'],
    ['it is published', { streams: [stream('live', 'retrying', 'live')] }, undefined],
    ['its target takes nothing for a moment', { streams: [stream('live', 'stalled')] }, undefined],
    ['its target is not there', { streams: [stream('live', 'retrying')] }, 'quiet'],
    ['all see a slate', { streams: [stream('offline', 'live')] }, 'quiet'],
    ['one of two streams is published', { streams: [stream('offline'), stream('live', 'live')] }, undefined],
    ['no quiet moment came', { overForS: 1800, streams: [stream('live', 'live')] }, 'waited'],
    ['it was replaced a moment ago', { ageS: 599, memoryBytes: 9000 * MB }, undefined],
    ['it takes twice as much', { memoryBytes: 6000 * MB, streams: [stream('live', 'live')] }, 'urgent'],
  ])('%s', (_, change, expected) => {
    expect(recycleReason({ ...over, ...change })).toBe(expected);
  });
});
