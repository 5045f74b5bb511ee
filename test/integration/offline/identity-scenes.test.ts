import { beforeAll, describe, expect, it } from 'vitest';
import { benchFaceScenes, type FaceScenesResult } from '#src/bench/face-scenes.js';
import { IDENTITY_SCENES } from '#src/test-camera/identity-scenes.js';

const { hidden, hiddenLong, cameraJump, stranger } = IDENTITY_SCENES;
/** The ones that mix people up most; `diptych bench faces` runs all of them. */
const CHOSEN = [hidden, hiddenLong, cameraJump, stranger];
const IDS_OF_TWO = 2;

/** The whole chain on two real faces, with whichever detector there is. */
describe('people who may be taken for each other', () => {
  let result: FaceScenesResult;

  beforeAll(async () => {
    result = await benchFaceScenes(new AbortController().signal, CHOSEN);
  }, 1_800_000);

  it.each(CHOSEN.map(({ name }) => name))('stay who they are: %s', (name) => {
    const row = result.scenes.find(({ scene }) => scene === name);

    expect(row).toMatchObject({ lastingSwaps: 0, freshIds: 0, ids: IDS_OF_TWO });
  });

  it('are in the right tile while both can be seen and stand apart', () => {
    expect(result.total.tileFrames).toBeGreaterThan(1400);
    expect(result.total.tileRightRatio).toBeGreaterThanOrEqual(0.99);
  });

  it('are looked at seldom, but looked at', () => {
    for (const { computed, activationRatio } of result.scenes) {
      expect(computed).toBeGreaterThan(0);
      expect(activationRatio).toBeLessThan(0.1);
    }
  });
});
