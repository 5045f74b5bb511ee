import { beforeAll, describe, expect, it } from 'vitest';
import { center } from '#src/shared/domain/box.js';
import { DEMO_SCENE } from '#src/test-camera/scenes.js';
import { isPictureRight, isVisible, output, play, share, shows, type Moment } from './scene-play.js';
import { movement } from './two-people.js';

const SEEDS = [1, 2, 3];

describe('the demo scene, from detections to the plan', () => {
  let runs: readonly (readonly Moment[])[] = [];
  beforeAll(() => {
    runs = SEEDS.map((seed) => play(DEMO_SCENE, seed));
  }, 60_000);

  it('never jumps', () => {
    let most = { dest: 0, crop: 0, alpha: 0, cut: 0 };
    for (const run of runs) {
      run.slice(1).forEach(({ plan }, index) => {
        const moved = movement(run[index]!.plan, plan, output);
        most = {
          dest: Math.max(most.dest, moved.dest),
          crop: Math.max(most.crop, moved.crop),
          alpha: Math.max(most.alpha, moved.alpha),
          cut: Math.max(most.cut, moved.cut),
        };
      });
    }
    console.log(
      `demo scene, most from frame to frame: tile edge ${most.dest} px, crop centre ${most.crop.toFixed(1)} px, ` +
        `opacity ${most.alpha.toFixed(2)}, exchanged width ${most.cut.toFixed(1)} px`,
    );
    expect(most.dest).toBeLessThanOrEqual(102);
    expect(most.crop).toBeLessThanOrEqual(50);
    expect(most.alpha).toBeLessThanOrEqual(0.22);
    expect(most.cut).toBeLessThanOrEqual(0.02 * output.width);
  });

  it('shows every visible face', () => {
    const shown = runs.flatMap((run) =>
      run.flatMap(({ truth, plan }) =>
        truth.filter(isVisible).map(({ face }) => plan.regions.some((region) => shows(region, center(face)))),
      ),
    );

    console.log(`demo scene: visible faces inside a tile ${(share(shown) * 100).toFixed(2)} %`);
    expect(share(shown)).toBeGreaterThanOrEqual(0.99);
  });

  it('has the right person in the right tile', () => {
    const right = runs.flatMap((run) => run.filter(({ truth }) => truth.every(isVisible)).map(isPictureRight));

    console.log(`demo scene: right person in the right tile ${(share(right) * 100).toFixed(2)} %`);
    expect(share(right)).toBeGreaterThanOrEqual(0.985);
  });

  it('changes sides once for each crossing', () => {
    for (const run of runs) {
      const sides = run
        .filter(({ truth, slots }) => truth.every(isVisible) && slots.every((id) => id !== undefined))
        .map(({ slots }) => String(slots));
      const flips = sides.filter((slots, index) => index > 0 && slots !== sides[index - 1]);
      // Two crossings and one return under a new id in each of the two rounds.
      expect(flips.length).toBeLessThanOrEqual(6);
    }
  });
});
