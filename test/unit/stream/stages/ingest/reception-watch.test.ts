import { describe, expect, it } from 'vitest';
import { ReceptionWatch, type ReceptionSample } from '#src/stream/stages/ingest/reception-watch.js';

const limits = { timeoutS: 5, maxGopS: 60 };

interface Second {
  readonly packets?: boolean;
  readonly frames?: boolean;
  readonly keyframes?: number;
  readonly failures?: number;
  readonly dropped?: number;
}

/** The verdict of each second of a camera. */
function play(seconds: readonly Second[]): string[] {
  const watch = new ReceptionWatch(limits);
  let sample: ReceptionSample = { nowMs: 0, lastFrameMs: 0, hasFrames: false, keyframes: 0, failures: 0, dropped: 0 };
  return seconds.map(({ packets = false, frames = false, keyframes = 0, failures = 0, dropped = 0 }, second) => {
    const nowMs = (second + 1) * 1000;
    sample = {
      ...sample,
      ...(packets && { lastPacketMs: nowMs }),
      ...(frames && { lastFrameMs: nowMs, hasFrames: true }),
      keyframes: sample.keyframes + keyframes,
      failures: sample.failures + failures,
      dropped: sample.dropped + dropped,
      nowMs,
    };
    return watch.next(sample).type;
  });
}

const times = (count: number, second: Second): Second[] => Array.from({ length: count }, () => second);
const nothing: Second = {};
const packets: Second = { packets: true };
const pictures: Second = { packets: true, frames: true };

describe('ReceptionWatch', () => {
  it.each([
    { name: 'pictures that come', seconds: times(20, pictures), last: 'receiving' },
    {
      name: 'a camera whose keyframes are dropped, as the decoder cannot follow',
      seconds: times(20, { packets: true, keyframes: 1, dropped: 15 }),
      last: 'waiting',
    },
    { name: 'a camera that sends nothing', seconds: times(5, nothing), last: 'receiving' },
    { name: 'a camera that sends nothing for the time-out', seconds: times(6, nothing), last: 'silent' },
    { name: 'a camera that falls silent', seconds: [...times(9, pictures), ...times(6, nothing)], last: 'silent' },
    { name: 'packets without a keyframe for half a minute', seconds: times(30, packets), last: 'waiting' },
    { name: 'no keyframe for longer than allowed', seconds: times(60, packets), last: 'no-keyframe' },
    {
      name: 'keyframes that give no picture',
      seconds: times(6, { packets: true, keyframes: 1 }),
      last: 'undecodable',
    },
    {
      name: 'keyframes that gave pictures, then packets without one',
      seconds: [...times(9, { ...pictures, keyframes: 1 }), ...times(20, packets)],
      last: 'waiting',
    },
    {
      name: 'packets at which decoding gives up each time',
      seconds: times(6, { packets: true, failures: 1 }),
      last: 'undecodable',
    },
    {
      name: 'packets at which decoding gives up, and pictures between them',
      seconds: times(20, { ...pictures, keyframes: 1, failures: 2 }),
      last: 'receiving',
    },
    {
      name: 'a keyframe after long',
      seconds: [...times(30, packets), { packets: true, frames: true, keyframes: 1 }],
      last: 'receiving',
    },
    {
      name: 'silence while a keyframe is waited for',
      seconds: [...times(20, packets), ...times(6, nothing)],
      last: 'silent',
    },
  ])('judges $name', ({ seconds, last }) => {
    const verdicts = play(seconds);

    expect(verdicts.at(-1)).toBe(last);
  });

  it('says since when it waits', () => {
    const watch = new ReceptionWatch(limits);

    const verdict = watch.next({
      ...{ nowMs: 9000, lastFrameMs: 2000, hasFrames: true, lastPacketMs: 8990 },
      ...{ keyframes: 1, failures: 0, dropped: 0 },
    });

    expect(verdict).toEqual({ type: 'waiting', sinceMs: 2000 });
  });
});
