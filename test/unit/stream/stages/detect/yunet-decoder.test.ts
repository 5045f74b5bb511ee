import { describe, expect, it } from 'vitest';
import { decodeYunet } from '#src/stream/stages/detect/yunet-decoder.js';
import { context, tensor } from './decoding-helpers.js';

/** Empty outputs for a 64×32 input: 8×4, 4×2 and 2×1 cells. */
const emptyOutputs = () => [1, 1, 4, 10].flatMap((values) => [32, 8, 2].map((cells) => tensor(1, cells, values)));

/** A detection in the given cell of one level: centre (cell + offset), size exp(…) strides. */
function withFace(level: number, cell: number, { object = 0.81, klass = 1 } = {}) {
  const outputs = emptyOutputs();
  outputs[level]?.data.set([klass], cell);
  outputs[level + 3]?.data.set([object], cell);
  outputs[level + 6]?.data.set([0.5, 0.25, Math.log(2), Math.log(3)], cell * 4);
  outputs[level + 9]?.data.set([0, 0, 1, 0, 0.5, 0.5, 0, 1, 1, 1], cell * 10);
  return outputs;
}

describe('decodeYunet', () => {
  it.each([
    { level: 0, cell: 10, stride: 8, column: 2, row: 1 },
    { level: 1, cell: 5, stride: 16, column: 1, row: 1 },
    { level: 2, cell: 1, stride: 32, column: 1, row: 0 },
  ])('decodes box, score and landmarks at stride $stride', ({ level, cell, stride, column, row }) => {
    const [face, ...others] = decodeYunet(withFace(level, cell), context(64, 32));

    expect(others).toEqual([]);
    expect(face?.kind).toBe('face');
    expect(face?.score).toBeCloseTo(0.9, 6);
    expect(face?.box.x).toBeCloseTo((column + 0.5 - 1) * stride, 4);
    expect(face?.box.y).toBeCloseTo((row + 0.25 - 1.5) * stride, 4);
    expect(face?.box.width).toBeCloseTo(2 * stride, 4);
    expect(face?.box.height).toBeCloseTo(3 * stride, 4);
    expect(face?.landmarks).toEqual([
      { x: column * stride, y: row * stride },
      { x: (column + 1) * stride, y: row * stride },
      { x: (column + 0.5) * stride, y: (row + 0.5) * stride },
      { x: column * stride, y: (row + 1) * stride },
      { x: (column + 1) * stride, y: (row + 1) * stride },
    ]);
  });

  it('maps detections to the source picture', () => {
    const mapping = { ratio: 0.5, offset: { x: 0, y: 8 }, origin: { x: 10, y: 20 } };

    const [face] = decodeYunet(withFace(0, 10), context(64, 32, { mapping }));

    expect(face?.box.x).toBeCloseTo(12 / 0.5 + 10, 4);
    expect(face?.box.y).toBeCloseTo((-2 - 8) / 0.5 + 20, 4);
    expect(face?.landmarks?.[0]).toEqual({ x: 16 / 0.5 + 10, y: 0 / 0.5 + 20 });
  });

  it.each([
    [0.91, 0],
    [0.89, 1],
  ])('at the threshold %d gives %d detections of score 0.9', (scoreThreshold, count) => {
    expect(decodeYunet(withFace(0, 0), context(64, 32, { scoreThreshold }))).toHaveLength(count);
  });

  it('keeps the score within 1 where the network rounds over it', () => {
    const [face] = decodeYunet(withFace(0, 0, { object: 1.0001, klass: 1.0001 }), context(64, 32));

    expect(face?.score).toBe(1);
  });

  it('refuses outputs made for another input', () => {
    expect(() => decodeYunet(emptyOutputs(), context(64, 64))).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL' }),
    );
  });
});
