import { describe, expect, it } from 'vitest';
import type { StreamView } from '#src/shared/domain/stream-status.js';
import type { StreamEvent } from '#src/shared/ipc/messages.js';
import { changeTexts, eventText } from '#src/viewer/stream/event-text.js';

const event = (name: string, details: StreamEvent['details'] = {}, ptsMs = 0): StreamEvent => ({
  name,
  details,
  ptsMs,
});

describe('an event', () => {
  it.each<[StreamEvent, readonly StreamEvent[], string | undefined]>([
    [
      event('swap_corrected', { trackId: 1, formerTrackId: 2 }, 1200),
      [event('swap_suspected', {}, 1000)],
      'Person 2 and person 1 crossed; swap put right after 0.2 s.',
    ],
    [event('swap_corrected', { trackId: 1, formerTrackId: 2 }), [], 'Person 2 and person 1 crossed; swap put right.'],
    [event('reentry', { trackId: 3 }), [], 'Person 3 came back.'],
    [event('source_lost', { message: 'no route' }), [], 'The camera was lost: no route.'],
    [event('source_changing', { url: 'rtsp://h/2' }), [], 'Another source is opened.'],
    [
      event('source_change_failed', { reason: 'DIPTYCH_E_SOURCE_REFUSED: rtsp://h/2: refused' }),
      [event('source_changing')],
      'The new source does not come: rtsp://h/2: refused.',
    ],
    [event('source_change_failed', { reason: 'A' }), [event('source_change_failed', { reason: 'A' })], undefined],
    [
      event('source_change_failed', { reason: 'A' }),
      [event('source_changing'), event('source_change_failed', { reason: 'A' })],
      'The new source does not come: A.',
    ],
    [event('something_else'), [], 'Something else.'],
    [event('reid_skipped', { count: 4 }), [], undefined],
  ])('%o', (one, before, text) => {
    expect(eventText(one, before)).toBe(text);
  });
});

it('tells what has changed between two statuses', () => {
  const view = (state: string, targets: readonly object[]): StreamView => ({ state, targets }) as unknown as StreamView;
  const before = view('live', [
    { id: 'a', state: 'live' },
    { id: 'b', state: 'live' },
  ]);
  const after = view('live', [{ id: 'a', state: 'retrying', error: { code: 'DIPTYCH_E_TARGET', message: 'refused' } }]);

  expect(changeTexts(undefined, after)).toEqual([]);
  expect(changeTexts(before, after)).toEqual(['Target a is trying again: refused.', 'Target b was removed.']);
  expect(changeTexts(before, view('stalled', before.targets))).toEqual(['The stream is stalled.']);
});
