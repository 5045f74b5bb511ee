import { describe, expect, it } from 'vitest';
import { SenderReportFilter, senderReportOf } from '#src/stream/rtsp/sender-report.js';

const RATES = [90_000, 8000];
const NOW_MS = 3_900_000_000_000;

/** A report of a sender whose clock shows `ntpMs` at the RTP time. */
function report(ntpMs: number, rtpTime: number): Buffer {
  const packet = Buffer.alloc(28);
  packet.writeUInt16BE(0x80c8, 0);
  packet.writeUInt32BE(Math.floor(ntpMs / 1000), 8);
  packet.writeUInt32BE(Math.floor(((ntpMs % 1000) / 1000) * 2 ** 32), 12);
  packet.writeUInt32BE(rtpTime >>> 0, 16);
  return packet;
}

/** Both tracks for some seconds, a report of each a second; what passed, as `slot@second`. */
function passed(clocks: (slot: number, second: number) => number, startRtp = 0, slots = [0, 1]): string[] {
  const filter = new SenderReportFilter(RATES);
  const out: string[] = [];
  for (let second = 0; second < 6; second++) {
    for (const slot of slots) {
      const rtp = startRtp + second * (RATES[slot] ?? 0);
      filter.packet(slot, rtp >>> 0, second * 1000 + slot * 40);
      const packet = report(clocks(slot, second), rtp);
      out.push(...filter.report(slot, packet, packet).map((one) => `${one.slot}@${second}`));
    }
  }
  return out;
}

const ALL = ['0@0', '1@0', '0@1', '1@1', '0@2', '1@2', '0@3', '1@3', '0@4', '1@4', '0@5', '1@5'];

describe('SenderReportFilter', () => {
  it.each<[string, (slot: number, second: number) => number, string[]]>([
    ['a right clock passes', (_, s) => NOW_MS + s * 1000, ALL],
    ['a clock in 1970 passes where both tracks have it', (_, s) => 2_208_988_800_000 + s * 1000, ALL],
    ['no clock does not pass', () => 0, []],
    [
      'one track in 1970: only what came before the other',
      (slot, s) => (slot === 0 ? 0 : NOW_MS) + s * 1000 + 1,
      ['0@0', '0@1'].slice(0, 1),
    ],
    [
      'a clock that steps on one track passes no more there',
      (slot, s) => NOW_MS + s * 1000 + (slot === 1 && s >= 3 ? 2500 : 0),
      ALL.slice(0, 7),
    ],
    [
      'a clock that is set passes again when both tracks have the new time, together',
      (_, s) => NOW_MS + s * 1000 + (s >= 3 ? 86_400_000 : 0),
      [...ALL.slice(0, 6), '0@3', '1@3', ...ALL.slice(8)],
    ],
  ])('%s', (_, clocks, expected) => {
    expect(passed(clocks)).toEqual(expected);
  });

  it('counts with 32 bits', () => {
    expect(passed((_, s) => NOW_MS + s * 1000, 2 ** 32 - 100_000)).toEqual(ALL);
  });

  it('passes a single track, and other packets of RTCP', () => {
    const filter = new SenderReportFilter([90_000]);
    const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 1]);

    expect(passed((_, s) => s * 3600_000 + 1, 0, [0])).toHaveLength(6);
    expect(filter.report(0, bye, bye)).toEqual([{ slot: 0, item: bye }]);
  });

  it('a report on another time line does not pass', () => {
    const filter = new SenderReportFilter([90_000]);
    filter.packet(0, 1000, 0);
    const packet = report(NOW_MS, 90_000 * 60);

    expect(filter.report(0, packet, packet)).toEqual([]);
  });
});

it.each([
  ['too short', Buffer.from([0x80, 200, 0, 6])],
  ['a receiver report', Buffer.alloc(32, 201)],
])('%s is no sender report', (_, packet) => {
  expect(senderReportOf(packet)).toBeUndefined();
});
