import { describe, expect, it } from 'vitest';
import { FlowWatch, sentBytesOf, type Flow, type FlowSample } from '#src/stream/stages/publish/flow-watch.js';

const MIB = 1 << 20;
const sample = (sentBytes: number, rest: Partial<FlowSample> = {}): FlowSample => ({
  sentBytes,
  queuedMs: 0,
  dropped: 0,
  ...rest,
});

/** One sample every 500 ms. */
function watch(samples: readonly FlowSample[], timeoutS = 3): Flow[] {
  const flow = new FlowWatch(timeoutS);
  return samples.map((each, index) => flow.update(each, 10_000 + index * 500));
}

describe('FlowWatch', () => {
  it('is connecting during the handshake, then live', () => {
    expect(watch([sample(0), sample(3073), sample(MIB), sample(2 * MIB)])).toEqual([
      'connecting',
      'connecting',
      'live',
      'live',
    ]);
  });

  it('is stalled when nothing is sent for a second, dead after the time-out, and stays so', () => {
    const still = Array.from({ length: 7 }, () => sample(MIB));

    expect(watch([...still, sample(2 * MIB)])).toEqual([
      'live',
      'live',
      'live',
      'stalled',
      'stalled',
      'stalled',
      'dead',
      'dead',
    ]);
  });

  it('is dead when it never connects', () => {
    const nothing = Array.from({ length: 7 }, () => sample(0));

    expect(watch(nothing).at(-1)).toBe('dead');
  });

  it('is stalled, not dead, while it moves but cannot keep up', () => {
    const behind = Array.from({ length: 10 }, (_, index) => sample(MIB + index, { queuedMs: 3000, dropped: index }));

    expect(watch(behind).every((flow) => flow === 'stalled')).toBe(true);
  });

  it('is live again three seconds after it has caught up', () => {
    const samples = [
      sample(MIB),
      sample(2 * MIB, { queuedMs: 3000 }),
      sample(3 * MIB, { dropped: 4 }),
      ...Array.from({ length: 6 }, (_, index) => sample((4 + index) * MIB, { dropped: 4 })),
    ];

    expect(watch(samples)).toEqual(['live', ...Array.from({ length: 7 }, () => 'stalled'), 'live']);
  });
});

describe('sentBytesOf', () => {
  it.each([
    [
      'GstRtmpConnectionStats, in-bytes-total=(guint64)409, out-bytes-total=(guint64)203064, out-bytes-acked=(guint64)0;',
      203_064,
    ],
    ['GstRtmpConnectionStats;', 0],
    [undefined, 0],
  ])('%s', (stats, expected) => {
    expect(sentBytesOf(stats)).toBe(expected);
  });
});
