import { describe, expect, it } from 'vitest';
import type { StatusError } from '#src/shared/domain/status-error.js';
import type { TargetState, TargetStatus } from '#src/shared/domain/stream-status.js';
import { nextTargetStatus, type TargetEvent } from '#src/stream/supervision/target-status.js';

const BEFORE = '2026-01-01T00:00:00.000Z';
const NOW = '2026-01-01T00:00:09.000Z';
const status = (state: TargetState, rest: Partial<TargetStatus> = {}): TargetStatus => ({
  ...{ id: 'tv', url: 'rtmp://tv/live/***', state, since: BEFORE, bytes: 10, retries: 1, dropped: 0 },
  ...rest,
});
const progress = (state: 'connecting' | 'live' | 'stalled', bytes = 20, dropped = 0): TargetEvent => ({
  ...{ type: 'progress', state, bytes },
  dropped,
});
const refused: StatusError = { code: 'DIPTYCH_E_TARGET', message: 'refused', nextTryAt: NOW };
const old: StatusError = { code: 'DIPTYCH_E_TARGET', message: 'old' };
const failed: TargetEvent = { type: 'failed', error: refused };

describe('the status of a target', () => {
  it.each<[string, TargetStatus, TargetEvent, TargetStatus]>([
    ['connects', status('connecting'), progress('live'), status('live', { bytes: 20, since: NOW })],
    ['goes on', status('live'), progress('live'), status('live', { bytes: 20 })],
    ['stalls', status('live'), progress('stalled'), status('stalled', { bytes: 20, since: NOW })],
    [
      'leaves pictures out',
      status('live'),
      progress('stalled', 20, 7),
      status('stalled', { bytes: 20, dropped: 7, since: NOW }),
    ],
    ['flows again', status('stalled'), progress('live'), status('live', { bytes: 20, since: NOW })],
    ['fails', status('live'), failed, status('retrying', { retries: 2, error: refused, since: NOW })],
    [
      'fails again before it was connected, which changes no state',
      status('retrying', { error: old }),
      failed,
      status('retrying', { retries: 2, error: refused }),
    ],
    [
      'connects after it failed, and keeps the error until pictures flow',
      status('retrying', { error: refused }),
      progress('connecting'),
      status('connecting', { error: refused, bytes: 20, since: NOW }),
    ],
    [
      'is live after it failed, and forgets the error',
      status('connecting', { error: refused }),
      progress('live'),
      status('live', { bytes: 20, since: NOW }),
    ],
    [
      'is closed, and forgets the error',
      status('retrying', { error: refused }),
      { type: 'closed' },
      status('closed', { since: NOW }),
    ],
    ['is closed, and nothing comes after that', status('closed'), progress('live'), status('closed')],
  ])('%s', (_name, before, event, expected) => {
    expect(nextTargetStatus(before, event, NOW)).toEqual(expected);
  });
});
