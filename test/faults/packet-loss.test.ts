import { describe, expect, it } from 'vitest';
import { benchLoss, type LossyWay } from '#src/bench/loss.js';

/** Small, so that a busy machine carries camera, gateway, relay and browsers; the benchmark has the figures. */
const OUTPUT = { width: 960, height: 540, fps: 15 };
const SECONDS = 6;

/**
 * Real browsers behind a relay that loses packets, to and fro; a time code in the picture says when it moves. Tried again,
 * as a browser that publishes on a busy machine may send a picture too small for the code all the time.
 */
describe('a way that loses 5 % of its packets', () => {
  it.each<[string, LossyWay]>([
    ['to a viewer of the page', 'page'],
    ['to a WHEP player', 'whep'],
    ['from a browser that publishes', 'whip'],
  ])('%s leaves the picture moving', { retry: 2 }, async (_name, way) => {
    const { figures } = await benchLoss(
      { ways: [way], losses: [5], seconds: SECONDS, settleMs: 4000, output: OUTPUT },
      new AbortController().signal,
    );

    const [figure] = figures;
    expect(figure?.lostPackets).toBeGreaterThan(20);
    // A tenth of the pictures, and never half of the time without one: a busy machine is slow, not wrong.
    expect(figure?.pictures).toBeGreaterThan((SECONDS * OUTPUT.fps) / 10);
    expect(figure?.longestFreezeMs).toBeLessThan((SECONDS * 1000) / 2);
  });
});
