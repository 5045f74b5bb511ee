import { describe, expect, it } from 'vitest';
import { clocksMs, TransportPace } from '#src/stream/http/transport-pace.js';

/** A packet with this clock, or without one. */
function packet(clockMs?: number): Buffer {
  const bytes = Buffer.alloc(188);
  bytes[0] = 0x47;
  bytes[3] = clockMs === undefined ? 0x10 : 0x30;
  if (clockMs === undefined) return bytes;
  const ticks = Math.round(clockMs * 90);
  bytes[4] = 7;
  bytes[5] = 0x10;
  bytes.writeUInt32BE(Math.floor(ticks / 2), 6);
  bytes[10] = (ticks % 2) << 7;
  return bytes;
}

describe('clocksMs', () => {
  it.each([
    ['nothing', Buffer.alloc(0), []],
    ['packets without one', packet(), []],
    ['one that is cut off', packet(40).subarray(0, 11), []],
    ['several', Buffer.concat([packet(40), packet(), packet(80), packet()]), [40, 80]],
    ['packets that begin in the middle of one', Buffer.concat([packet().subarray(100), packet(120), packet()]), [120]],
    ['a large one', packet(2 ** 33 / 90 - 100), [2 ** 33 / 90 - 100]],
    ['junk', Buffer.alloc(1000, 0x47), []],
  ])('reads %s', (_, bytes, expected) => {
    expect(clocksMs(bytes).map(Math.round)).toEqual(expected.map(Math.round));
  });
});

describe('TransportPace', () => {
  it('is as fast as the clock of the stream, and begins anew where that leaps', () => {
    const pace = new TransportPace();
    const due = [
      [1000, 1400, 5],
      [1500, 1900, 5],
      [1900, 2300, 6],
      // The same recording once more, before the former one is over.
      [1000, 1400, 1100],
      // It leaps, after it was over.
      [90_000, 90_100, 5000],
      // The clock wraps within a part.
      [90_200, 100, 5100],
    ].map(([first = 0, last = 0, nowMs = 0]) => pace.dueMs(Buffer.concat([packet(first), packet(last)]), nowMs));

    expect(due.map(Math.round)).toEqual([405, 905, 1305, 1705, 5100, 5100]);
  });

  it('passes on at once what has no clock', () => {
    expect(new TransportPace().dueMs(packet(), 7)).toBe(7);
  });
});
