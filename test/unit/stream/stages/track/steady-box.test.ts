import { describe, expect, it } from 'vitest';
import type { Box } from '#src/shared/domain/box.js';
import { seededRandom } from '#src/shared/random.js';
import { SteadyBox } from '#src/stream/stages/track/steady-box.js';
import { normalRandom } from '../../../../normal-random.js';

const HEIGHT = 200;
const FRAMES = 3000;

/** Somebody at `x(frame)`, detected with an error of so many pixels, expected there from `lag` frames before. */
function errors(x: (frame: number) => number, noisePx: number, lag: number): { steady: number; detected: number } {
  const random = seededRandom(3);
  const noise = (): number => noisePx * normalRandom(random);
  const steadyBox = new SteadyBox();
  const boxAt = (middle: number): Box => ({ x: middle - 50, y: 100, width: 100, height: HEIGHT });
  const sum = { steady: 0, detected: 0 };
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const detected = boxAt(x(frame) + noise());
    const steady = steadyBox.update(detected, boxAt(x(frame - lag)), true);
    sum.steady += (steady.x + 50 - x(frame)) ** 2;
    sum.detected += (detected.x + 50 - x(frame)) ** 2;
  }
  return { steady: Math.sqrt(sum.steady / FRAMES), detected: Math.sqrt(sum.detected / FRAMES) };
}

const still = (): number => 500;
/** 60 pixels to and fro, once in 90 frames. */
const dance = (frame: number): number => 500 + 60 * Math.sin((2 * Math.PI * frame) / 90);

describe('where somebody is', () => {
  it.each<[string, (frame: number) => number, number, number, number]>([
    ['stands, and detections tremble: mostly as expected', still, 8, 0, 0.55],
    ['moves, and detections tremble: between the two', dance, 8, 2, 0.95],
    ['moves, and detections are exact: as detected', dance, 0.2, 3, 1.05],
  ])('%s', (_, x, noisePx, lag, most) => {
    const { steady, detected } = errors(x, noisePx, lag);

    expect(steady).toBeLessThan(most * detected);
  });

  it('is where detections are that do not tremble, however wrong the expectation is', () => {
    const steadyBox = new SteadyBox();
    for (let frame = 0; frame < 40; frame += 1) {
      const detected = { x: 3 * frame, y: 0.02 * frame ** 2, width: 100, height: HEIGHT };

      const { x, y, width, height } = steadyBox.update(detected, { x: 0, y: 0, width: 90, height: 150 }, true);

      expect([x, y, width, height].map((value) => Math.round(1e6 * value))).toEqual(
        [detected.x, detected.y, 100, HEIGHT].map((value) => Math.round(1e6 * value)),
      );
    }
  });

  it('is where the first detections are, and the first ones after a gap measure nothing', () => {
    const steadyBox = new SteadyBox();
    const at = (x: number): Box => ({ x, y: 0, width: 100, height: HEIGHT });

    const shown = [0, 30, 0, 30, 0, 30].map((x, index) => steadyBox.update(at(x), at(15), index % 3 !== 0).x);

    expect(shown).toEqual([0, 30, 0, 30, 0, 30]);
  });

  it('without an expectation is where the detection is', () => {
    const box = { x: 10, y: 20, width: 30, height: 40 };

    expect(new SteadyBox().update(box, undefined, false)).toEqual(box);
  });
});
