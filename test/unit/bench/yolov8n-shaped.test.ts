import { describe, expect, it } from 'vitest';
import { ANCHORS, buildYolov8nShaped, CLASSES } from '../../bench/yolov8n-shaped.js';
import { buildOnnx } from '#src/stream/onnx/onnx-builder.js';

describe('buildYolov8nShaped', () => {
  const graph = buildYolov8nShaped();

  it('has as many weights as YOLOv8n', () => {
    const isWeight = /weight$|bias$/;
    const weights = graph.constants.flatMap((each) =>
      'floats' in each && isWeight.test(each.name) ? [each.floats] : [],
    );
    // "YOLOv8n summary (fused): 168 layers, 3151904 parameters", ultralytics.
    expect(weights.reduce((sum, { length }) => sum + length, 0)).toBe(3_151_904);
  });

  it('gives a box and a score of each class for every anchor, any number of pictures at a time', () => {
    expect(ANCHORS).toBe(8400);
    expect(graph.input).toEqual({ name: 'images', dims: ['batch', 3, 640, 640] });
    expect(graph.output).toEqual({ name: 'output0', dims: ['batch', 4 + CLASSES, 8400] });
  });

  it('has no operation that a GPU leaves to the CPU', () => {
    const operators = new Set(graph.nodes.map(({ operator }) => operator));
    expect([...operators].sort()).toEqual([
      'Add',
      'Concat',
      'Conv',
      'MaxPool',
      'Mul',
      'Reshape',
      'Resize',
      'Sigmoid',
      'Softmax',
      'Split',
      'Sub',
      'Transpose',
    ]);
  });

  it('is the same for the same seed, another for another', () => {
    const bytes = Buffer.from(buildOnnx(graph));
    expect(bytes.equals(buildOnnx(buildYolov8nShaped({ seed: 1 })))).toBe(true);
    expect(bytes.equals(buildOnnx(buildYolov8nShaped({ seed: 2 })))).toBe(false);
  });
});
