import { expect, it } from 'vitest';
import { DecodePatience } from '#src/stream/stages/ingest/decode-patience.js';

/** Seconds at which it was raised, of 30. */
function raisedAt(shownBy: (second: number) => number, droppedBy: (second: number) => number): number[] {
  const patience = new DecodePatience();
  const seconds = Array.from({ length: 30 }, (_, second) => second);
  return seconds.filter((second) =>
    patience.isRaisedBy({ nowMs: second * 1000, shown: shownBy(second), dropped: droppedBy(second) }),
  );
}

it.each([
  { what: 'is raised twice where all is dropped and nothing shown', shown: () => 0, dropped: 15, at: [4, 9] },
  {
    what: 'stays where pictures come now and then',
    shown: (second: number) => Math.floor(second / 3),
    dropped: 15,
    at: [],
  },
  { what: 'stays where nothing comes', shown: () => 0, dropped: 0, at: [] },
  {
    what: 'is raised where pictures came at first',
    shown: (second: number) => Math.min(second, 10),
    dropped: 15,
    at: [14, 19],
  },
])('$what', ({ shown, dropped, at }) => {
  expect(raisedAt(shown, (second) => second * dropped)).toEqual(at);
});
