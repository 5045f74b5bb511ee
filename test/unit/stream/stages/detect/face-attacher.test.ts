import { describe, expect, it } from 'vitest';
import type { Box } from '#src/shared/domain/box.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { FaceAttacher } from '#src/stream/stages/detect/face-attacher.js';

const picture = { width: 1280, height: 720 };

const person = (x: number, more: Partial<Detection> = {}): Detection => ({
  box: { x: x - 100, y: 100, width: 200, height: 600 },
  kind: 'person',
  score: 0.8,
  head: { x: x - 30, y: 120, width: 60, height: 80 },
  gaze: 'front',
  ...more,
});

const face = (x: number, score = 0.9, height = 76): Detection => ({
  box: { x: x - 28, y: 125, width: 57, height },
  kind: 'face',
  score,
  landmarks: [
    { x: x - 12, y: 150 },
    { x: x + 12, y: 150 },
    { x, y: 165 },
    { x: x - 10, y: 180 },
    { x: x + 10, y: 180 },
  ],
});

/** Finds those of `faces` whose middle is in the part that is asked for. */
function portFor(faces: readonly Detection[]) {
  const asked: Box[] = [];
  const isIn = (box: Box, crop: Box): boolean => {
    const x = box.x + box.width / 2;
    return x > crop.x && x < crop.x + crop.width;
  };
  return {
    asked,
    port: {
      find: (crop?: Box) => {
        asked.push(crop!);
        return Promise.resolve(faces.filter(({ box }) => isIn(box, crop!)));
      },
    },
  };
}

const attacher = () => new FaceAttacher({ width: 256, height: 256 });

describe('FaceAttacher', () => {
  it('gives each body its own face, and the head and gaze of it', async () => {
    const { port } = portFor([face(300), face(420)]);

    const people = await attacher().attach(port, [person(420), person(300)], picture);

    expect(people.map(({ head }) => head)).toEqual([face(420).box, face(300).box]);
    expect(people.map(({ landmarks }) => landmarks?.[2]?.x)).toEqual([420, 300]);
    expect(people.every(({ kind, gaze }) => kind === 'person' && gaze === 'front')).toBe(true);
  });

  it('leaves a body without a face as it is', async () => {
    const { port } = portFor([]);
    const people = [person(300)];

    expect(await attacher().attach(port, people, picture)).toEqual(people);
  });

  it.each([
    ['beside the head', face(365)],
    ['much larger than the head', face(300, 0.9, 300)],
    ['without landmarks', { box: face(300).box, kind: 'face', score: 0.9 } as const],
  ])('attaches no face %s', async (_, found) => {
    const { port } = portFor([found]);

    const [only] = await attacher().attach(port, [person(300)], picture);

    expect(only?.landmarks).toBeUndefined();
  });

  it('gives a face to one body only', async () => {
    const { port } = portFor([face(300)]);

    const people = await attacher().attach(port, [person(300), person(310)], picture);

    expect(people.filter(({ landmarks }) => landmarks)).toHaveLength(1);
  });

  it('looks inside the picture, not for small heads, and now and then for who looks away', async () => {
    const { port, asked } = portFor([]);
    const small = person(900, { head: { x: 900, y: 100, width: 15, height: 20 } });
    const people = [person(10), small, person(600, { gaze: 'away' })];
    const one = attacher();

    for (let i = 0; i < 4; i++) await one.attach(port, people, picture);

    expect(asked).toHaveLength(4 + 1);
    expect(asked.every(({ x, y, width, height }) => x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 720)).toBe(
      true,
    );
  });

  it('lets many people take turns', async () => {
    const { port, asked } = portFor([]);
    const one = attacher();
    const people = [100, 300, 500, 700, 900, 1100].map((x) => person(x));

    for (let i = 0; i < 3; i++) await one.attach(port, people, picture);

    expect(asked).toHaveLength(12);
    expect(new Set(asked.map(({ x }) => x)).size).toBe(6);
  });
});
