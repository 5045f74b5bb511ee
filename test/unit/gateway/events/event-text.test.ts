import { describe, expect, it } from 'vitest';
import { changeText, eventText, shotText, slotText } from '#src/gateway/events/event-text.js';
import { statusChanges, type TracedStatus } from '#src/gateway/events/status-changes.js';
import type { ShotAction } from '#src/shared/domain/shot.js';
import type { SlotAction } from '#src/shared/domain/slot-action.js';
import type { TargetState, TargetStatus } from '#src/shared/domain/stream-status.js';

const NAMES: Record<number, string> = { 1: 'Anna', 2: 'Ben' };
const name = (trackId: unknown): string => NAMES[Number(trackId)] ?? `person ${String(trackId)}`;

describe('an event in words', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['reentry', { trackId: 1 }, 'Anna came back.'],
    ['new_identity', { trackId: 7 }, 'Person 7 is new.'],
    [
      'identities_merged',
      { trackId: 1, formerTrackId: 7 },
      'Person 7 turned out to be Anna, and is followed as one person.',
    ],
    ['suspicion_ended', { trackIds: [1, 2] }, 'Nobody is in doubt any more.'],
    [
      'swap_corrected',
      { trackId: 1, formerTrackId: 2, tookMs: 300 },
      'Ben and Anna crossed; swap put right after 0.3 s.',
    ],
    [
      'source_change_failed',
      { reason: 'DIPTYCH_E_SOURCE_AUTH: it refuses' },
      'No picture comes from the new source: it refuses.',
    ],
    ['source_changing', { url: 'rtsp://h/1' }, 'Another source is opened: rtsp://h/1.'],
    ['slots_refused', { reason: 'DiptychError: DIPTYCH_E_X: no' }, 'A change of the tiles was refused: no.'],
    ['recording', { state: 'recording', file: 'a.mp4' }, 'Recording: a.mp4.'],
    ['recording', { state: 'retrying', error: { message: 'full' } }, 'The recording is retrying: full.'],
    ['something_new', { message: 'because' }, 'Something new: because.'],
  ])('%s', (kind, details, expected) => {
    expect(eventText({ ptsMs: 0, name: kind, details }, name)).toBe(expected);
  });

  it.each([
    [1_000, 'Ben and Anna crossed; swap put right after 0.2 s.'],
    [-20_000, 'Ben and Anna crossed; swap put right.'],
    [undefined, 'Ben and Anna crossed; swap put right.'],
  ])('a swap that was suspected at %s and put right', (suspected, expected) => {
    const event = { ptsMs: 1_200, name: 'swap_corrected', details: { trackId: 1, formerTrackId: 2 } };

    expect(eventText(event, name, suspected)).toBe(expected);
  });

  it.each<[ShotAction, string]>([
    [{ action: 'take', kind: 'wide' }, 'The whole scene: taken by hand.'],
    [{ action: 'hold', kind: 'single', trackId: 2 }, 'One person alone, Ben: held until it is released.'],
    [{ action: 'hold' }, 'The shot: held until it is released.'],
    [{ action: 'release' }, 'Shots follow the rules again.'],
  ])('%s', (action, expected) => {
    expect(shotText(action, name)).toBe(expected);
  });

  it.each<[SlotAction, string]>([
    [{ action: 'swap' }, 'The tiles were swapped.'],
    [{ action: 'pin', slot: 1, trackId: 2 }, 'Ben was put in tile 2.'],
  ])('%s', (action, expected) => {
    expect(slotText(action, name)).toBe(expected);
  });

  it.each([
    [{ live: ['output.bitrateKbps'], restart: [] }, 'Changed: output.bitrateKbps.'],
    [{ live: ['a'], restart: ['b.c'] }, 'Changed: a, b.c; the stream restarts.'],
  ])('options', (changed, expected) => {
    expect(changeText(changed)).toBe(expected);
  });
});

describe('what changed between two statuses', () => {
  const target = (id: string, state: TargetState): TargetStatus => ({
    ...{ id, state, url: `rtmp://${id}/***`, since: '', bytes: 0, retries: 0, dropped: 0 },
  });
  const live: TracedStatus = { state: 'live', targets: [target('a', 'live'), target('b', 'connecting')] };

  it('is nothing where nothing did', () => {
    expect(statusChanges(live, { ...live })).toEqual([]);
  });

  it('writes an address at its beginning as it is', () => {
    const error = { code: 'DIPTYCH_E_SOURCE_AUTH', message: 'rtsp://h/1: refused the password' } as const;

    expect(statusChanges(live, { ...live, state: 'unauthorized', error })).toMatchObject([
      { text: 'rtsp://h/1: refused the password.' },
    ]);
  });

  it('names a target once where it failed', () => {
    const error = { code: 'DIPTYCH_E_TARGET', message: 'target rtmp://b/***: refuses connections' } as const;
    const after = { ...live, targets: [live.targets[0]!, { ...target('b', 'retrying'), error }] };

    expect(statusChanges(live, after)).toMatchObject([
      { text: 'Target b failed and is tried again: refuses connections.', data: { error } },
    ]);
  });

  it('does not tell an error of before where a target is connected again', () => {
    const error = { code: 'DIPTYCH_E_TARGET', message: 'target rtmp://b/***: refuses connections' } as const;
    const before = { ...live, targets: [{ ...target('b', 'retrying'), error }] };
    const after = { ...live, targets: [{ ...target('b', 'connecting'), error }] };

    expect(statusChanges(before, after)).toMatchObject([{ text: 'Target b is being connected.' }]);
  });

  it('is the state, with why, and what became of each target', () => {
    const error = { code: 'DIPTYCH_E_SOURCE_AUTH', message: 'the source refused the password; check it' } as const;
    const after: TracedStatus = {
      state: 'unauthorized',
      error,
      targets: [target('a', 'live'), target('c', 'waiting')],
    };

    const changes = statusChanges(live, after);

    expect(changes).toEqual([
      {
        kind: 'state',
        text: 'The source refused the password; check it.',
        data: { from: 'live', to: 'unauthorized', error },
      },
      {
        kind: 'target',
        text: 'Target c waits for the stream.',
        data: { target: 'c', url: 'rtmp://c/***', to: 'waiting' },
      },
      { kind: 'target', text: 'Target b was removed.', data: { target: 'b', url: 'rtmp://b/***', from: 'connecting' } },
    ]);
  });
});
