import { describe, expect, it } from 'vitest';
import type { OutputTensor } from '#src/stream/stages/detect/decoder.js';
import { candidateSpecOf, readCandidates } from '#src/stream/stages/detect/candidates.js';
import { createDecoder, type DecoderSpec } from '#src/stream/stages/detect/decoders.js';
import { context, logit, tensor } from './decoding-helpers.js';

const mapping = { ratio: 0.5, offset: { x: 8, y: 4 }, origin: { x: 100, y: 200 } };
const FACE_POINTS = [10, 12, 20, 12, 15, 16, 11, 20, 19, 20];

/** A YOLOv8 export with one detection. */
function yolov8(keypoints: number): OutputTensor {
  const output = tensor(1, 4 + 1 + 3 * keypoints, 50);
  const numbers = [30, 40, 20, 10, 0.75];
  for (let k = 0; k < keypoints; k++) numbers.push(FACE_POINTS[2 * k]!, FACE_POINTS[2 * k + 1]!, 1);
  numbers.forEach((value, channel) => (output.data[channel * 50 + 7] = value));
  return output;
}

/** The same detection as the outputs of a network, and as a candidate. */
const CASES: readonly {
  readonly name: string;
  readonly spec: DecoderSpec;
  readonly outputs: () => readonly OutputTensor[];
  readonly candidate: readonly number[];
}[] = [
  {
    name: 'a person of YOLOv8',
    spec: { type: 'yolov8', classes: 1, keypoints: 0 },
    outputs: () => [yolov8(0)],
    candidate: [0.75, 20, 35, 40, 45, 7],
  },
  {
    name: 'a face of YOLOv8 with landmarks',
    spec: { type: 'yolov8', classes: 1, keypoints: 5 },
    outputs: () => [yolov8(5)],
    candidate: [0.75, 20, 35, 40, 45, 7, ...FACE_POINTS],
  },
  {
    name: 'a face of BlazeFace',
    spec: { type: 'blazeface' },
    outputs: () => {
      const outputs = [tensor(1, 512, 1), tensor(1, 384, 1), tensor(1, 512, 16), tensor(1, 384, 16)];
      outputs[0]!.data.fill(-100);
      outputs[1]!.data.fill(-100);
      outputs[0]!.data[0] = logit(0.75);
      outputs[2]!.data.set([2, 4, 40, 30, -9, -6, 9, -5, 0, 0, 1, 9, -20, -4, 20, -4]);
      return outputs;
    },
    // The anchor lies at 8, 8.
    candidate: [0.75, -10, -3, 30, 27, 0, -1, 2, 17, 3, 8, 8, 9, 17, -12, 4, 28, 4],
  },
  {
    name: 'a face of SCRFD',
    spec: { type: 'scrfd' },
    outputs: () => {
      const anchors = [8, 16, 32].map((stride) => 2 * (64 / stride) ** 2);
      const outputs = [1, 4, 10].flatMap((values) => anchors.map((count) => tensor(count, values)));
      // Cell 9 of the finest level: its corner lies at 8, 8.
      outputs[0]!.data[18] = 0.75;
      outputs[3]!.data.set([0.5, 1, 1.5, 2], 4 * 18);
      outputs[6]!.data.set([0, 0, 1, 0, 0.5, 0.5, 0, 1, 1, 1], 10 * 18);
      return outputs;
    },
    candidate: [0.75, 4, 0, 20, 24, 18, 8, 8, 16, 8, 12, 12, 8, 16, 16, 16],
  },
  {
    name: 'a face of YuNet',
    spec: { type: 'yunet' },
    outputs: () => {
      const cells = [8, 16, 32].map((stride) => (64 / stride) ** 2);
      const outputs = [1, 1, 4, 10].flatMap((values) => cells.map((count) => tensor(1, count, values)));
      outputs[0]!.data[9] = 0.75;
      outputs[3]!.data[9] = 0.75;
      outputs[6]!.data.set([0.5, 0.5, Math.log(2), Math.log(3)], 4 * 9);
      outputs[9]!.data.set([0, 0, 1, 0, 0.5, 0.5, 0, 1, 1, 1], 10 * 9);
      return outputs;
    },
    candidate: [0.75, 4, 0, 20, 24, 9, 8, 8, 16, 8, 12, 12, 8, 16, 16, 16],
  },
];

describe('readCandidates', () => {
  it.each(CASES)('gives the same detections as the decoder: $name', ({ spec, outputs, candidate }) => {
    const size = spec.type === 'blazeface' ? 256 : 64;
    const decoded = createDecoder(spec, 'person')(outputs(), context(size, size, { mapping }));

    const read = readCandidates(
      { stride: candidate.length, values: Float32Array.from([...candidate, ...candidate]) },
      { spec, kind: 'person', mapping },
    );

    expect(decoded).toHaveLength(1);
    expect(read).toHaveLength(2);
    const numbers = ({ box, score, kind, landmarks }: (typeof read)[0]) => ({
      kind,
      values: [score, box.x, box.y, box.width, box.height, ...(landmarks ?? []).flatMap(({ x, y }) => [x, y])],
    });
    const expected = numbers(decoded[0]!);
    for (const detection of read) {
      expect(numbers(detection).kind).toBe(expected.kind);
      expect(numbers(detection).values).toHaveLength(expected.values.length);
      numbers(detection).values.forEach((value, i) => expect(value).toBeCloseTo(expected.values[i]!, 4));
    }
  });

  it('limits scores to 1 and gives no detection without a candidate', () => {
    const options = { spec: { type: 'yolov8', classes: 1, keypoints: 0 }, kind: 'person', mapping } as const;

    expect(readCandidates({ stride: 6, values: Float32Array.of(1.02, 0, 0, 8, 8, 0) }, options)[0]?.score).toBe(1);
    expect(readCandidates({ stride: 6, values: new Float32Array() }, options)).toEqual([]);
  });
});

describe('candidateSpecOf', () => {
  it('has the anchors of BlazeFace, both grids in order', () => {
    const spec = candidateSpecOf({ type: 'blazeface' });

    if (spec.type !== 'blazeface') throw new Error('another network');
    expect(spec.anchors).toHaveLength(2 * 896);
    expect([...spec.anchors.slice(0, 2), ...spec.anchors.slice(1024, 1026)]).toEqual([1 / 32, 1 / 32, 1 / 16, 1 / 16]);
  });

  it.each([
    [{ type: 'yunet' }, { type: 'yunet', strides: [8, 16, 32] }],
    [{ type: 'scrfd' }, { type: 'scrfd', strides: [8, 16, 32], anchorsPerCell: 2 }],
    [
      { type: 'yolov8', classes: 80, keypoints: 0 },
      { type: 'yolov8', classes: 80, keypoints: 0 },
    ],
  ] as const)('gives %o as the addon takes it', (spec, expected) => {
    expect(candidateSpecOf(spec)).toEqual(expected);
  });
});
