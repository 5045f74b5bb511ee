import { describe, expect, it } from 'vitest';
import type { OverlayFrame } from '#src/shared/ipc/messages.js';
import { OverlayTimeline } from '#src/viewer/overlay-timeline.js';

const FRAME_TICKS = 3_000;
const overlay = (rtpTimestamp: number): OverlayFrame => ({ rtpTimestamp, layout: 'dual', boxes: [] });

function timelineOf(...timestamps: readonly number[]): OverlayTimeline {
  const timeline = new OverlayTimeline();
  for (const timestamp of timestamps) timeline.add(overlay(timestamp));
  return timeline;
}

describe('OverlayTimeline', () => {
  it.each<[string, readonly number[], number | undefined, number | undefined]>([
    ['the overlay of this very frame', [0, 3_000, 6_000], 3_000, 3_000],
    ['the nearest one when that is missing', [0, 6_000], 4_000, 6_000],
    ['nothing when all are far', [0, 3_000], 90_000, undefined],
    ['the latest one when the browser does not tell', [0, 3_000], undefined, 3_000],
    ['nothing when there is nothing', [], 3_000, undefined],
    ['the right one across the wrap of the clock', [2 ** 32 - 3_000, 0, 3_000], 0, 0],
    ['the one before the wrap', [2 ** 32 - 3_000, 9_000], 2 ** 32 - 2_000, 2 ** 32 - 3_000],
  ])('finds %s', (_name, timestamps, wanted, expected) => {
    const found = timelineOf(...timestamps).at(wanted);

    expect(found?.rtpTimestamp).toBe(expected);
  });

  it('forgets what is older than any browser buffers', () => {
    const timeline = timelineOf(0);

    for (let frame = 1; frame <= 200; frame++) timeline.add(overlay(frame * FRAME_TICKS));

    expect(timeline.at(0)).toBeUndefined();
    expect(timeline.at(150 * FRAME_TICKS)?.rtpTimestamp).toBe(150 * FRAME_TICKS);
  });

  it('starts over when the clock jumps back, as after a restart', () => {
    const timeline = timelineOf(90_000_000, 90_003_000);

    timeline.add(overlay(0));

    expect(timeline.at(90_003_000)).toBeUndefined();
    expect(timeline.at(0)?.rtpTimestamp).toBe(0);
  });

  it('is empty after clear', () => {
    const timeline = timelineOf(0);

    timeline.clear();

    expect(timeline.at(undefined)).toBeUndefined();
  });
});
