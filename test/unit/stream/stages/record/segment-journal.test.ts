import { expect, it } from 'vitest';
import { segmentJournal } from '#src/stream/stages/record/segment-journal.js';

it('counts from the first picture, and names people', () => {
  const span = { file: '2026-11-29T08-15-30.125Z.mp4', startMs: 10_000, endMs: 14_250, isComplete: true };

  const journal = segmentJournal(
    'studio',
    span,
    {
      shown: [{ ptsMs: 10_000, layout: 'dual', slots: [4, 7] }],
      events: [{ ptsMs: 11_033.4, type: 'swap_corrected', details: { trackId: 4, formerTrackId: 7 } }],
    },
    (trackId, slot) => (trackId === 4 && slot === 0 ? 'Anna' : undefined),
  );

  expect(journal).toEqual({
    version: 1,
    stream: 'studio',
    file: span.file,
    startedAt: '2026-11-29T08:15:30.125Z',
    durationS: 4.25,
    isComplete: true,
    shown: [
      {
        atS: 0,
        layout: 'dual',
        people: [
          { slot: 0, trackId: 4, name: 'Anna' },
          { slot: 1, trackId: 7 },
        ],
      },
    ],
    events: [{ atS: 1.033, type: 'swap_corrected', details: { trackId: 4, formerTrackId: 7 } }],
  });
});
