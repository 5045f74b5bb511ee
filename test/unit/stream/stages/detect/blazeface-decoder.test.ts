import { describe, expect, it } from 'vitest';
import { anchorCenters, BLAZEFACE, FULL_RANGE } from '#src/stream/stages/detect/blazeface-anchors.js';
import { decodeBlazeface, decodeFullRangeFace } from '#src/stream/stages/detect/blazeface-decoder.js';
import { context, logit, tensor } from './decoding-helpers.js';

function emptyOutputs() {
  const outputs = [tensor(1, 512, 1), tensor(1, 384, 1), tensor(1, 512, 16), tensor(1, 384, 16)];
  outputs[0]?.data.fill(-100);
  outputs[1]?.data.fill(-100);
  return outputs;
}

describe('anchorCenters', () => {
  it('has as many anchors as the model has outputs', () => {
    expect(BLAZEFACE.grids.map((grid) => anchorCenters(grid, BLAZEFACE.input).length / 2)).toEqual([512, 384]);
    expect(FULL_RANGE.grids.map((grid) => anchorCenters(grid, FULL_RANGE.input).length / 2)).toEqual([2304]);
  });

  it('has the anchors of a cell at its centre, row by row', () => {
    expect([...anchorCenters({ stride: 16, perCell: 2 }, { width: 32, height: 32 })]).toEqual([
      0.25, 0.25, 0.25, 0.25, 0.75, 0.25, 0.75, 0.25, 0.25, 0.75, 0.25, 0.75, 0.75, 0.75, 0.75, 0.75,
    ]);
  });
});

describe('decodeFullRangeFace', () => {
  it('decodes a face of its only grid', () => {
    const scores = tensor(1, 2304, 1);
    scores.data.fill(-100);
    const boxes = tensor(1, 2304, 16);
    scores.data[49] = logit(0.8);
    boxes.data.set([1, -1, 20, 20, ...new Array<number>(12).fill(0)], 49 * 16);

    const faces = decodeFullRangeFace([scores, boxes], context(192, 192));

    expect(faces).toHaveLength(1);
    expect(faces[0]!.box.x + faces[0]!.box.width / 2).toBeCloseTo(7, 4);
    expect(faces[0]!.box.y + faces[0]!.box.height).toBeCloseTo(5 + 10, 4);
  });
});

describe('decodeBlazeface', () => {
  it.each([
    { level: 0, anchor: 36, anchorX: 40, anchorY: 24, name: '16×16' },
    { level: 1, anchor: 49, anchorX: 16, anchorY: 48, name: '8×8' },
  ])('decodes box and landmarks on the $name grid', ({ level, anchor, anchorX, anchorY }) => {
    const outputs = emptyOutputs();
    outputs[level]?.data.set([logit(0.9)], anchor);
    const points = [-20, -10, 20, -10, 0, 0, 0, 15, -40, -8, 40, -8];
    outputs[level + 2]?.data.set([2, 4, 100, 100, ...points], anchor * 16);

    const [face, ...others] = decodeBlazeface(outputs, context(256, 256));

    expect(others).toEqual([]);
    expect(face?.score).toBeCloseTo(0.9, 5);
    // The lower edge is the model's; the upper one is raised from the eyebrows to the hairline.
    expect(face?.box.x).toBeCloseTo(anchorX + 2 - 45.25, 4);
    expect(face?.box.width).toBeCloseTo(90.5, 4);
    expect((face?.box.y ?? 0) + (face?.box.height ?? 0)).toBeCloseTo(anchorY + 54, 4);
    expect(face?.box.height).toBeCloseTo(130.3, 4);
    expect(face?.landmarks?.slice(0, 3)).toEqual([
      { x: anchorX - 20, y: anchorY - 10 },
      { x: anchorX + 20, y: anchorY - 10 },
      { x: anchorX, y: anchorY },
    ]);
    expect(face?.landmarks?.[3]?.x).toBeCloseTo(anchorX - 16.56, 4);
    expect(face?.landmarks?.[4]?.x).toBeCloseTo(anchorX + 16.56, 4);
    expect(face?.landmarks?.[3]?.y).toBe(anchorY + 15);
  });

  it('decodes a larger part of a picture whose sides differ', () => {
    const outputs = [tensor(1, 16 * 10 * 2, 1), tensor(1, 8 * 5 * 6, 1), tensor(1, 320, 16), tensor(1, 240, 16)];
    for (const scores of outputs.slice(0, 2)) scores.data.fill(-100);
    // The fourth row of 16 cells, the sixth cell.
    const anchor = (3 * 16 + 5) * 2;
    outputs[0]!.data.set([logit(0.9)], anchor);
    outputs[2]!.data.set([0, 0, 40, 40, ...new Array<number>(12).fill(0)], anchor * 16);

    const [face] = decodeBlazeface(outputs, context(256, 160));

    expect(face!.box.x + face!.box.width / 2).toBeCloseTo(5.5 * 16, 4);
    expect(face!.box.y + face!.box.height).toBeCloseTo(3.5 * 16 + 20, 4);
  });

  it('tilts the mouth with the eyes', () => {
    const outputs = emptyOutputs();
    outputs[0]?.data.set([5], 0);
    outputs[2]?.data.set([0, 0, 10, 10, 0, 0, 10, 10, 5, 8, 5, 12], 0);

    const [face] = decodeBlazeface(outputs, context(256, 256));

    const [right, left] = [face?.landmarks?.[3], face?.landmarks?.[4]];
    expect((left?.y ?? 0) - (right?.y ?? 0)).toBeCloseTo(8.28, 4);
  });

  it('drops weak detections', () => {
    const outputs = emptyOutputs();
    outputs[1]?.data.set([logit(0.45), logit(0.55)], 0);

    expect(decodeBlazeface(outputs, context(256, 256))).toHaveLength(1);
  });

  it('refuses the outputs of another model', () => {
    expect(() => decodeBlazeface([tensor(1, 896, 1)], context(256, 256))).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL' }),
    );
  });
});
