import { describe, expect, it } from 'vitest';
import type { StreamState, TargetState, TargetStatus } from '#src/shared/domain/stream-status.js';
import { recycleReason, type RecycleCase, type RecycleReason } from '#src/gateway/streams/recycle-policy.js';

const MB = 1_000_000;

const target = (state: TargetState): TargetStatus => ({
  ...{ id: 'a', url: 'rtmp://host/app/***', state, since: '2026-01-01T00:00:00Z', bytes: 0, retries: 0, dropped: 0 },
});

const stream = (state: StreamState, viewers = 0, ...targets: TargetState[]): RecycleCase['streams'][number] => ({
  ...{ state, viewers, targets: targets.map(target) },
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
    ['nobody watches', {}, 'quiet'],
    ['somebody watches', { streams: [stream('live', 1)] }, undefined],
    ['it is published', { streams: [stream('live', 0, 'retrying', 'live')] }, undefined],
    ['its target takes nothing for a moment', { streams: [stream('live', 0, 'stalled')] }, undefined],
    ['its target is not there', { streams: [stream('live', 0, 'retrying')] }, 'quiet'],
    ['all see a slate', { streams: [stream('offline', 5, 'live')] }, 'quiet'],
    ['one of two streams is watched', { streams: [stream('offline', 5), stream('live', 1)] }, undefined],
    ['no quiet moment came', { overForS: 1800, streams: [stream('live', 1)] }, 'waited'],
    ['it was replaced a moment ago', { ageS: 599, memoryBytes: 9000 * MB }, undefined],
    ['it takes twice as much', { memoryBytes: 6000 * MB, streams: [stream('live', 1)] }, 'urgent'],
  ])('%s', (_, change, expected) => {
    expect(recycleReason({ ...over, ...change })).toBe(expected);
  });
});
