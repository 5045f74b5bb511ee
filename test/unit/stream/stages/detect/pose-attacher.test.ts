import { expect, it } from 'vitest';
import type { Detection } from '#src/shared/domain/detection.js';
import type { AffineMatrix } from '#src/stream/domain/affine-matrix.js';
import { PoseAttacher } from '#src/stream/stages/detect/pose-attacher.js';

const INPUT = { width: 192, height: 256 };

/** In the input: nose, eyes, ears, shoulders of somebody who faces the camera, and the rest below. */
const FRONT = [
  [96, 60],
  [100, 56],
  [92, 56],
  [104, 58],
  [88, 58],
  [120, 90],
  [72, 90],
  ...Array.from({ length: 10 }, (_, i) => [96, 100 + 10 * i]),
] as const;

const valuesOf = (points: readonly (readonly number[])[], score = 0.9): number[] =>
  points.flatMap(([x = 0, y = 0]) => [x, y, score]);

/** A network that sees one person after the other like this. */
function portOf(...poses: readonly number[][]) {
  const asked: (readonly AffineMatrix[])[] = [];
  return {
    asked,
    port: {
      read: (crops: readonly AffineMatrix[]) => {
        asked.push(crops);
        return Promise.resolve(Float32Array.from(crops.flatMap((_, i) => poses[i % poses.length]!)));
      },
    },
  };
}

const person = (x: number): Detection => ({
  box: { x, y: 100, width: 153.6, height: 204.8 },
  kind: 'person',
  score: 0.9,
});

it('gives people the heads and gazes of their keypoints, several in one run', async () => {
  const aside = FRONT.map(([x, y], k) => [k < 3 ? x - 14 : x, y] as const);
  const { port, asked } = portOf(valuesOf(FRONT), valuesOf(aside));

  const { people, poses } = await new PoseAttacher(INPUT).attach(port, [person(100), person(600)], 0);

  // Boxes of these sizes fill the input but for the padding: a pixel of it is one of the picture.
  expect(asked).toEqual([[expect.anything(), expect.anything()]]);
  const [first] = asked[0]!;
  expect(first!.map((value) => Math.round(value * 1000) / 1000)).toEqual([1, 0, 80.8, 0, 1, 74.4]);
  expect(people.map(({ gaze }) => gaze)).toEqual(['front', 'left']);
  const [{ head } = {}] = people;
  expect(head!.x + head!.width / 2).toBeCloseTo(80.8 + 96, 3);
  expect(head!.y).toBeGreaterThan(100);
  expect(head!.y + head!.height).toBeLessThan(74.4 + 90);
  expect(people[1]!.head!.x).toBeGreaterThan(600);
  expect(poses).toEqual({ computed: 2, skipped: 0 });
});

it('runs nothing where nobody is due, and counts it', async () => {
  const { port, asked } = portOf(valuesOf(FRONT));
  const attacher = new PoseAttacher(INPUT);
  await attacher.attach(port, [person(100)], 0);

  const { people, poses } = await attacher.attach(port, [person(110)], 60);

  expect(asked).toHaveLength(1);
  expect(people[0]).toMatchObject({ gaze: 'front', box: person(110).box });
  expect(poses).toEqual({ computed: 0, skipped: 1 });
});

it('gives no head where neither head nor shoulders are seen', async () => {
  const { port } = portOf(valuesOf(FRONT, 0.05));

  const { people } = await new PoseAttacher(INPUT).attach(port, [person(100)], 0);

  expect(people).toEqual([person(100)]);
});

it('lets a failure of the network go to its caller, and asks again for the next frame', async () => {
  const { port, asked } = portOf(valuesOf(FRONT));
  const attacher = new PoseAttacher(INPUT);
  const failing = { read: () => Promise.reject(new Error('broken')) };

  await expect(attacher.attach(failing, [person(100)], 0)).rejects.toThrow('broken');
  await attacher.attach(port, [person(100)], 60);

  expect(asked).toHaveLength(1);
});
