import { describe, expect, it } from 'vitest';
import { decodeScrfd } from '#src/stream/stages/detect/scrfd-decoder.js';
import { context, tensor } from './decoding-helpers.js';

/** Empty outputs for a 64×32 input, two anchors a cell. */
const emptyOutputs = () => [1, 4, 10].flatMap((values) => [64, 16, 4].map((anchors) => tensor(1, anchors, values)));

describe('decodeScrfd', () => {
  it.each([
    { level: 0, stride: 8, anchor: 21, column: 2, row: 1 },
    { level: 1, stride: 16, anchor: 10, column: 1, row: 1 },
    { level: 2, stride: 32, anchor: 3, column: 1, row: 0 },
  ])('decodes distances and offsets at stride $stride', ({ level, stride, anchor, column, row }) => {
    const outputs = emptyOutputs();
    outputs[level]?.data.set([0.75], anchor);
    outputs[level + 3]?.data.set([1, 2, 3, 4], anchor * 4);
    outputs[level + 6]?.data.set([-1, -1, 1, -1, 0, 0, -1, 1, 1, 1], anchor * 10);

    const found = decodeScrfd(outputs, context(64, 32));

    const [x, y] = [column * stride, row * stride];
    expect(found).toEqual([
      {
        box: { x: x - stride, y: y - 2 * stride, width: 4 * stride, height: 6 * stride },
        score: 0.75,
        kind: 'face',
        landmarks: [
          { x: x - stride, y: y - stride },
          { x: x + stride, y: y - stride },
          { x, y },
          { x: x - stride, y: y + stride },
          { x: x + stride, y: y + stride },
        ],
      },
    ]);
  });

  it('drops weak detections', () => {
    const outputs = emptyOutputs();
    outputs[0]?.data.set([0.49, 0.5], 0);

    expect(decodeScrfd(outputs, context(64, 32))).toHaveLength(1);
  });

  it('refuses outputs of another model', () => {
    expect(() => decodeScrfd(emptyOutputs().slice(0, 6), context(64, 32))).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL' }),
    );
  });
});
