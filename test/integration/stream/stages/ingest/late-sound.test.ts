import { describe, expect, it } from 'vitest';
import { median } from '#src/shared/percentile.js';
import { BEEPS, FLASHES } from '../../../../faults/cameras/cues.js';
import { OddCamera } from '../../../../faults/cameras/odd-camera.js';
import { addon, closeAfterEach, closing, open, read } from './source-fixture.js';

closeAfterEach();

const FPS = 25;
/** The clocks of both tracks are known by then, s. */
const LEARNING_S = 4;
/** A picture of the test is sent and decoded in far less; nor is it there before it was sent, ms. */
const MOST_DELAY_MS = 40;

describe('a camera whose sound comes late at first', () => {
  it.each([0, 0.6, 2])('by %d s gives pictures no time stamps ahead of their time once that is over', async (late) => {
    const camera = await OddCamera.start({
      ...{ tracks: [FLASHES, BEEPS], lateSoundS: late },
      senderClock: (_, playedS) => Date.UTC(2026, 10, 29) + playedS * 1000,
    });
    closing.push(() => camera.stop());
    const session = await open(camera.url);
    const delaysMs: number[] = [];

    const enough = new Promise<void>((resolve) => {
      const subscription = read(session).subscribe(({ ptsMs }) => {
        if (delaysMs.push(addon.nowMs() - ptsMs) === (LEARNING_S + 4) * FPS) resolve();
      });
      closing.push(() => subscription.unsubscribe());
    });
    await enough;

    const delayMs = median(delaysMs.slice(LEARNING_S * FPS));
    expect(delayMs).toBeGreaterThan(-MOST_DELAY_MS);
    expect(delayMs).toBeLessThan(MOST_DELAY_MS);
  });
});
