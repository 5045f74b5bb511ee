import { describe, expect, it } from 'vitest';
import { center } from '#src/shared/domain/box.js';
import { samePersonTwice } from './same-person.js';
import { isVisible, output, play } from './scene-play.js';
import { SCENES } from './scenes.js';

describe('two tiles never show the same person for longer than 0.2 s', () => {
  it.each(SCENES)('$name', (scene) => {
    const runs = [1, 2, 3, 4, 5].map((seed) => play(scene, seed));

    const measured = runs.map((run) =>
      samePersonTwice(
        run.map(({ tS, plan, truth }) => ({
          tS,
          plan,
          heads: truth.filter(isVisible).map(({ face }) => center(face)),
        })),
        output,
      ),
    );
    const longestS = Math.max(...measured.map((one) => one.longestS));
    const share = measured.reduce((sum, one) => sum + one.share, 0) / measured.length;
    console.log(
      `${scene.name}: the same person in two tiles ${(share * 100).toFixed(2)} %, longest ${longestS.toFixed(2)} s`,
    );
    expect(longestS).toBeLessThanOrEqual(0.2);
  });
});
