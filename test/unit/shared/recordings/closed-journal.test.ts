import { expect, it } from 'vitest';
import { closedPart } from '#src/shared/recordings/closed-journal.js';

it('is as long as the file plays, and says nothing of later', () => {
  const shown = [0, 1.5, 1.92, 2.2].map((atS) => ({ atS }));
  const events = [1.9, 2.3].map((atS) => ({ atS }));

  const closed = closedPart({ shown, events }, 1.920_04);

  expect(closed).toEqual({
    durationS: 1.92,
    isComplete: true,
    shown: [{ atS: 0 }, { atS: 1.5 }, { atS: 1.92 }],
    events: [{ atS: 1.9 }],
  });
});
