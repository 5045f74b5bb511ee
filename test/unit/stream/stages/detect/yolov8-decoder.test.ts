import { describe, expect, it } from 'vitest';
import type { OutputTensor } from '#src/stream/stages/detect/decoder.js';
import { createYolov8Decoder } from '#src/stream/stages/detect/yolov8-decoder.js';
import { context, logit, tensor } from './decoding-helpers.js';

const people = createYolov8Decoder({ kind: 'person', classes: 80, keypoints: 0 });
const faces = createYolov8Decoder({ kind: 'face', classes: 1, keypoints: 5 });

/** A 1×channels×8400 export with one column filled. */
function exported(channels: number, anchor: number, column: readonly number[]): OutputTensor {
  const output = tensor(1, channels, 8400);
  for (const [channel, value] of column.entries()) output.data[channel * 8400 + anchor] = value;
  return output;
}

function transposed({ data, dims }: OutputTensor): OutputTensor {
  const [, rows = 0, columns = 0] = dims;
  const output = tensor(1, columns, rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) output.data[c * rows + r] = data[r * columns + c] as number;
  }
  return output;
}

const person = [320, 200, 100, 240, 0.8, ...Array<number>(79).fill(0)];

describe('the common export', () => {
  it.each([
    ['as exported', exported(84, 8399, person)],
    ['transposed', transposed(exported(84, 8399, person))],
  ])('finds a person, %s', (_, output) => {
    const [found, ...others] = people([output], context(640, 640));

    expect(others).toEqual([]);
    expect(found).toEqual({
      box: { x: 270, y: 80, width: 100, height: 240 },
      score: expect.closeTo(0.8, 6) as unknown,
      kind: 'person',
    });
  });

  it('takes no other class for a person', () => {
    const dog = [320, 200, 100, 240, 0.1, ...Array<number>(79).fill(0)];
    dog[4 + 16] = 0.9;

    expect(people([exported(84, 3, dog)], context(640, 640))).toEqual([]);
  });

  it.each([
    ['with visibility', 20, [10, 11, 0.9, 20, 21, 0.9, 30, 31, 0.9, 40, 41, 0.9, 50, 51, 0.9]],
    ['without visibility', 15, [10, 11, 20, 21, 30, 31, 40, 41, 50, 51]],
  ])('reads face landmarks %s', (_, channels, points) => {
    const mapping = { ratio: 0.5, offset: { x: 0, y: 10 }, origin: { x: 100, y: 0 } };

    const [found] = faces([exported(channels, 7, [64, 64, 20, 20, 0.7, ...points])], context(640, 640, { mapping }));

    expect(found?.kind).toBe('face');
    expect(found?.box).toEqual({ x: 208, y: 88, width: 40, height: 40 });
    expect(found?.landmarks).toEqual([10, 20, 30, 40, 50].map((v) => ({ x: v / 0.5 + 100, y: (v + 1 - 10) / 0.5 })));
  });

  it('leaves keypoints that are no face landmarks alone', () => {
    const pose = createYolov8Decoder({ kind: 'person', classes: 1, keypoints: 17 });

    const [found] = pose([exported(56, 0, [50, 50, 20, 20, 0.7])], context(640, 640));

    expect(found).not.toHaveProperty('landmarks');
  });
});

describe('raw heads', () => {
  /** Heads of a 64×64 input: 8×8, 4×4 and 2×2 cells of 80 channels. */
  const heads = () => {
    const all = [8, 4, 2].map((side) => tensor(1, 80, side, side));
    for (const { data, dims } of all) {
      const cells = (dims[2] as number) ** 2;
      data.fill(-100, 64 * cells, 65 * cells);
    }
    return all;
  };

  it.each([
    { level: 0, stride: 8, side: 8, cell: 10, column: 2, row: 1 },
    { level: 1, stride: 16, side: 4, cell: 9, column: 1, row: 2 },
    { level: 2, stride: 32, side: 2, cell: 3, column: 1, row: 1 },
  ])('decodes the distance distributions at stride $stride', ({ level, stride, side, cell, column, row }) => {
    const outputs = heads();
    const { data } = outputs[level] as OutputTensor;
    const set = (channel: number, value: number): void => {
      data[channel * side * side + cell] = value;
    };
    // All weight on one bin: left 1, top 2, right 3, bottom 4 strides.
    for (const [index, distance] of [1, 2, 3, 4].entries()) set(index * 16 + distance, 200);
    set(64, logit(0.8));
    for (const k of [0, 1, 2, 3, 4]) {
      set(65 + k * 3, 0.5 * k);
      set(66 + k * 3, -0.25);
    }

    const [found, ...others] = faces(outputs, context(64, 64));

    const [x, y] = [(column + 0.5) * stride, (row + 0.5) * stride];
    expect(others).toEqual([]);
    expect(found?.score).toBeCloseTo(0.8, 5);
    expect(found?.box).toEqual({ x: x - stride, y: y - 2 * stride, width: 4 * stride, height: 6 * stride });
    expect(found?.landmarks).toEqual(
      [0, 1, 2, 3, 4].map((k) => ({ x: (column + k) * stride, y: (row - 0.5) * stride })),
    );
  });

  it('takes the mean of an even distribution', () => {
    const outputs = heads();
    outputs[2]?.data.set([logit(0.9)], 64 * 4);

    const [found] = faces(outputs, context(64, 64));

    expect(found?.box.width).toBeCloseTo(2 * 7.5 * 32, 4);
  });

  it('reads heads of 80 classes', () => {
    const head = tensor(1, 144, 2, 2);
    head.data.fill(-100, 64 * 4);
    head.data[64 * 4 + 1] = 3;

    expect(people([head], context(64, 64))).toHaveLength(1);
  });
});

it.each([
  ['no output', people, [], 'got nothing'],
  ['another number of classes', people, [tensor(1, 20, 8400)], 'got 1×20×8400'],
  ['half a keypoint', faces, [tensor(1, 17, 8400)], 'got 1×17×8400'],
  ['a head of another size', faces, [tensor(1, 64, 8, 8), tensor(1, 64, 4, 4)], 'got 1×64×8×8'],
  ['two exports', people, [tensor(1, 84, 8400), tensor(1, 84, 8400)], 'got 1×84×8400'],
])('refuses %s', (_, decode, outputs, text) => {
  expect(() => decode(outputs, context(640, 640))).toThrow(
    expect.objectContaining({ code: 'DIPTYCH_E_MODEL', message: expect.stringContaining(text) as unknown }),
  );
});
