import { describe, expect, it } from 'vitest';
import { center } from '#src/shared/domain/box.js';
import { IDENTITY_SCENES } from '#src/test-camera/identity-scenes.js';
import { positionAt, type PersonTruth, type Scene } from '#src/test-camera/scene.js';

const FULL_HD = { width: 1920, height: 1080 };
const FPS = 30;
/** A face that is less visible than this is out of sight. */
const HIDDEN = 0.1;

const at = (scene: Scene, tS: number): PersonTruth[] =>
  scene.people.map((_, person) => positionAt(scene, person, tS, FULL_HD));

const everyFrame = (scene: Scene): PersonTruth[][] =>
  Array.from({ length: Math.round(scene.durationS * FPS) }, (_, frame) => at(scene, frame / FPS));

const isInPicture = ({ face }: PersonTruth): boolean => face.x > 0 && face.x + face.width < FULL_HD.width;

/** Lengths of the times in which a person in the picture is hidden, s. */
function hiddenTimes(scene: Scene): number[] {
  const times: number[] = [];
  let length = 0;
  for (const truth of [...everyFrame(scene), []]) {
    if (truth.some((one) => isInPicture(one) && one.visibleRatio < HIDDEN)) length += 1;
    else if (length > 0) {
      times.push(length / FPS);
      length = 0;
    }
  }
  return times;
}

describe('identity scenes', () => {
  it.each(Object.values(IDENTITY_SCENES))('$name can be cached beside the others, and is short', (scene) => {
    expect(scene.name).toMatch(/^face-/);
    expect(scene.durationS).toBeGreaterThanOrEqual(12);
    expect(scene.durationS).toBeLessThanOrEqual(25);
  });

  it.each([
    { scene: IDENTITY_SCENES.hiddenBriefly, times: [0.3, 0.3] },
    { scene: IDENTITY_SCENES.hidden, times: [1] },
    { scene: IDENTITY_SCENES.meet, times: [] },
    { scene: IDENTITY_SCENES.cameraJump, times: [] },
  ])('$scene.name hides somebody for $times s', ({ scene, times }) => {
    const found = hiddenTimes(scene);

    expect(found).toHaveLength(times.length);
    for (const [index, timeS] of times.entries()) expect(Math.abs(found[index]! - timeS)).toBeLessThan(0.05);
  });

  it('hides somebody for 3 s, who comes out on the other side', () => {
    const scene = IDENTITY_SCENES.hiddenLong;

    expect(Math.max(...hiddenTimes(scene))).toBeCloseTo(3, 1);
    expect([3, 10].map((tS) => at(scene, tS)[1]!.face.x > at(scene, tS)[0]!.face.x)).toEqual([true, false]);
  });

  it('covers more than half of a face where they meet, never all of it', () => {
    const least = Math.min(...everyFrame(IDENTITY_SCENES.meet).map((truth) => truth[1]!.visibleRatio));

    expect(least).toBeLessThan(0.5);
    expect(least).toBeGreaterThan(HIDDEN);
  });

  it('has them pass each other twice, each in front once', () => {
    const scene = IDENTITY_SCENES.crossing;
    const order = [2, 8, 12].map((tS) => at(scene, tS)[0]!.face.x < at(scene, tS)[1]!.face.x);

    expect(order).toEqual([true, false, true]);
    expect([4, 10].map((tS) => at(scene, tS).findIndex(({ isFront }) => isFront))).toEqual([0, 1]);
  });

  it('brings each back from the other side, when the other has their place', () => {
    const scene = IDENTITY_SCENES.reenter;
    const seen = [2, 6, 11, 15.5, 20].map((tS) => at(scene, tS).map(isInPicture));
    const [before, after] = [2, 11].map((tS) => at(scene, tS).map(({ face }) => center(face).x / FULL_HD.width));

    expect(seen).toEqual([
      [true, true],
      [true, false],
      [true, true],
      [false, true],
      [true, true],
    ]);
    expect(after![0]).toBeCloseTo(before![1]!, 1);
    expect(after![1]).toBeCloseTo(before![0]!, 1);
  });

  it('puts one where the other stood when the camera jumps', () => {
    const [before, after] = [3.96, 4].map((tS) => at(IDENTITY_SCENES.cameraJump, tS).map(({ face }) => center(face).x));

    expect(Math.abs(after![0]! - before![1]!)).toBeLessThan(0.02 * FULL_HD.width);
  });

  it('puts a stranger on the spot, and brings the first back beside him', () => {
    const scene = IDENTITY_SCENES.stranger;
    const [first, stranger] = [at(scene, 4.96)[0]!, at(scene, 5.2)[1]!];

    expect(Math.abs(center(first.face).x - center(stranger.face).x)).toBeLessThan(0.02 * FULL_HD.width);
    expect([4.96, 5.1, 5.2, 14].map((tS) => at(scene, tS).map(isInPicture))).toEqual([
      [true, false],
      [false, false],
      [false, true],
      [true, true],
    ]);
  });
});
