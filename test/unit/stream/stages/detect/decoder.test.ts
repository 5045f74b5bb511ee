import { describe, expect, it } from 'vitest';
import { outputOfLength, sigmoid, toSourceBox, toSourcePoint } from '#src/stream/stages/detect/decoder.js';
import { tensor } from './decoding-helpers.js';

describe('tensor mapping', () => {
  const mapping = { ratio: 0.5, offset: { x: 0, y: 12 }, origin: { x: 100, y: 40 } };

  it('takes bars, scale and the crop off a point', () => {
    const point = toSourcePoint(50, 62, mapping);

    expect(point).toEqual({ x: 200, y: 140 });
  });

  it('scales a box and moves its corner', () => {
    const box = toSourceBox(50, 62, 60, 82, mapping);

    expect(box).toEqual({ x: 200, y: 140, width: 20, height: 40 });
  });

  it('keeps a box that reaches over the edge', () => {
    const box = toSourceBox(-10, 2, 10, 22, { ...mapping, origin: { x: 0, y: 0 } });

    expect(box).toEqual({ x: -20, y: -20, width: 40, height: 40 });
  });
});

describe('outputOfLength', () => {
  it('gives the numbers of an output of the right length', () => {
    const output = tensor(1, 6, 1);

    expect(outputOfLength([output], 0, 6, 'X')).toBe(output.data);
  });

  it.each([
    ['is missing', [], 'got nothing'],
    ['has another length', [tensor(1, 5, 2)], 'got 10 numbers (1×5×2)'],
  ])('refuses an output that %s', (_, outputs, text) => {
    expect(() => outputOfLength(outputs, 0, 6, 'X')).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL', message: expect.stringContaining(text) as unknown }),
    );
  });
});

it.each([
  [0, 0.5],
  [-1000, 0],
  [1000, 1],
])('sigmoid(%d) is %d', (x, expected) => {
  expect(sigmoid(x)).toBe(expected);
});
