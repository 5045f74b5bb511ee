import { describe, expect, it } from 'vitest';
import { LayerChoice } from '#src/gateway/whip/layer-choice.js';

describe('LayerChoice', () => {
  it.each([
    ['the largest while it is too small', 3, 1920, [1280, 1280], [2, 2]],
    ['the smallest that is wide enough', 3, 960, [1920, 960], [1, 1]],
    ['all the way down', 3, 320, [1280, 640, 320], [1, 0, 0]],
    ['up again from one that is smaller than half', 2, 640, [1280, 480, 1280], [0, 1, 1]],
    ['up where the publisher sends less', 2, 640, [1280, 640, 320], [0, 0, 1]],
    ['the only one', 1, 320, [1920], [0]],
  ])('takes %s', (_, layers, outputWidth, widths, expected) => {
    const choice = new LayerChoice({ layers, outputWidth });

    const taken = widths.map((width) => {
      const before = choice.layer;
      const hasChanged = choice.measured(width);
      expect(hasChanged).toBe(choice.layer !== before);
      return choice.layer;
    });

    expect(taken).toEqual(expected);
  });
});
