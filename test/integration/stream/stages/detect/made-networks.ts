import { writeFile } from 'node:fs/promises';
import type { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { buildOnnx, type OnnxConstant, type OnnxNode, type OnnxValue } from '#src/stream/onnx/onnx-builder.js';
import type { Size } from '#src/shared/domain/box.js';

/** A detection that a made network gives for every picture: middle and size in pixels of its input, and score. */
export interface MadeDetection {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly score: number;
}

/** How a made pose network looks from outside; as MMDeploy exports RTMPose where nothing is said. */
export interface MadePoseOptions {
  readonly size?: Size;
  readonly keypoints?: number;
  readonly splitRatio?: number;
  /** Pictures that go in at once; any number of them where it is a name. */
  readonly batch?: number | string;
  readonly names?: readonly [x: string, y: string];
}

export const POSE_SIZE: Size = { width: 192, height: 256 };
const ANCHORS = 16;
const IMAGES = 'input';

const node = (operator: string, inputs: readonly string[], output: string, attributes = {}): OnnxNode => ({
  operator,
  inputs,
  outputs: [output],
  attributes,
});

/** Nothing for each picture that goes in, so that what is added to it is there as often. */
const nothing = (
  rank: number,
): { readonly nodes: readonly OnnxNode[]; readonly constants: readonly OnnxConstant[] } => ({
  nodes: [
    node('ReduceMean', [IMAGES], 'mean', { axes: [1, 2, 3] }),
    node('Reshape', ['mean', 'shape'], 'flat'),
    node('Mul', ['flat', 'zero'], 'nothing'),
  ],
  constants: [
    { name: 'shape', dims: [rank], integers: [-1, ...Array.from({ length: rank - 1 }, () => 1)] },
    { name: 'zero', dims: [1], floats: Float32Array.of(0) },
  ],
});

/** A person detector, exported as YOLOv8 is, that finds the same in every picture. */
export async function writeDetector(path: string, side: number, found: readonly MadeDetection[]): Promise<string> {
  const rows = new Float32Array(5 * ANCHORS);
  for (const [i, { x, y, width, height, score }] of found.entries()) {
    for (const [row, value] of [x, y, width, height, score].entries()) rows[row * ANCHORS + i] = value;
  }
  const { nodes, constants } = nothing(3);
  await writeFile(
    path,
    buildOnnx({
      name: 'made detector',
      nodes: [...nodes, node('Add', ['rows', 'nothing'], 'output0')],
      constants: [...constants, { name: 'rows', dims: [1, 5, ANCHORS], floats: rows }],
      input: { name: IMAGES, dims: ['batch', 3, side, side] },
      output: { name: 'output0', dims: ['batch', 5, ANCHORS] },
    }),
  );
  return path;
}

/** A pose network that sees the same points in every picture, bins of columns and lines, and scores. */
export async function writePose(
  path: string,
  points: readonly (readonly [column: number, line: number, score: number])[],
  options: MadePoseOptions = {},
): Promise<string> {
  const { size, keypoints, splitRatio } = { size: POSE_SIZE, keypoints: 17, splitRatio: 2, ...options };
  const { nodes, constants } = nothing(3);
  const peaks = (name: string, length: number, axis: 0 | 1): OnnxConstant => {
    const rows = new Float32Array(keypoints * length).fill(-0.01);
    for (let k = 0; k < keypoints; k++) {
      const point = points[Math.min(k, points.length - 1)]!;
      rows[k * length + point[axis]] = point[2];
    }
    return { name, dims: [1, keypoints, length], floats: rows };
  };
  return write(path, options, {
    nodes: [...nodes, node('Add', ['columns', 'nothing'], 'x'), node('Add', ['lines', 'nothing'], 'y')],
    constants: [
      ...constants,
      peaks('columns', splitRatio * size.width, 0),
      peaks('lines', splitRatio * size.height, 1),
    ],
  });
}

/** A pose network that takes the brightest column and the brightest line for the place of every point. */
export async function writeBrightnessPose(path: string, options: MadePoseOptions = {}): Promise<string> {
  const { size, keypoints } = { size: POSE_SIZE, keypoints: 17, ...options };
  const toBins = (from: string, to: string): readonly OnnxNode[] => [
    // Scores below 0 are none.
    node('Sigmoid', [from], `${to}/score`),
    node('Reshape', [`${to}/score`, `${to}/one-each`], `${to}/single`),
    node('Tile', [`${to}/single`, 'twice'], `${to}/double`),
    node('Reshape', [`${to}/double`, `${to}/row`], `${to}/bins`),
    node('Tile', [`${to}/bins`, 'points'], to),
  ];
  const integers = (name: string, values: readonly number[]): OnnxConstant => ({
    name,
    dims: [values.length],
    integers: values,
  });
  return write(path, options, {
    nodes: [
      node('ReduceMean', [IMAGES], 'of-columns', { axes: [1, 2], keepdims: 0 }),
      node('ReduceMean', [IMAGES], 'of-lines', { axes: [1, 3], keepdims: 0 }),
      ...toBins('of-columns', 'x'),
      ...toBins('of-lines', 'y'),
    ],
    constants: [
      integers('twice', [1, 1, 1, 2]),
      integers('points', [1, keypoints, 1]),
      integers('x/one-each', [-1, 1, size.width, 1]),
      integers('x/row', [-1, 1, 2 * size.width]),
      integers('y/one-each', [-1, 1, size.height, 1]),
      integers('y/row', [-1, 1, 2 * size.height]),
    ],
  });
}

async function write(
  path: string,
  options: MadePoseOptions,
  { nodes, constants }: { readonly nodes: readonly OnnxNode[]; readonly constants: readonly OnnxConstant[] },
): Promise<string> {
  const {
    size,
    keypoints,
    splitRatio,
    batch,
    names: [x, y],
  } = {
    ...{ size: POSE_SIZE, keypoints: 17, splitRatio: 2, batch: 'batch', names: ['simcc_x', 'simcc_y'] as const },
    ...options,
  };
  const output = (name: string, length: number): OnnxValue => ({ name, dims: [batch, keypoints, length] });
  await writeFile(
    path,
    buildOnnx({
      name: 'made pose',
      nodes: [...nodes, node('Identity', ['x'], x), node('Identity', ['y'], y)],
      constants,
      input: { name: IMAGES, dims: [batch, 3, size.height, size.width] },
      output: output(x, splitRatio * size.width),
      moreOutputs: [output(y, splitRatio * size.height)],
    }),
  );
  return path;
}

/** Puts {@link writeDetector}'s network into a store, as `people`. */
export async function addDetector(
  store: ModelStore,
  path: string,
  side: number,
  found: readonly MadeDetection[],
): Promise<void> {
  await writeDetector(path, side, found);
  await store.add(path, {
    name: 'people',
    task: 'person-detector',
    title: 'Finds the same people in every picture',
    file: 'people.onnx',
    licence: 'MIT',
    sources: [],
    input: {
      name: IMAGES,
      size: { width: side, height: side },
      ...({ channels: 'RGB', order: 'nchw', mean: 0, scale: 1, pad: 0 } as const),
    },
    outputs: ['output0'],
    decoder: { type: 'yolov8', classes: 1, keypoints: 0 },
    regions: 'whole',
    minScore: 0.1,
  });
}

/** What a one-stage network knows of a person: left, top, right, bottom and score, and 17 points with scores. */
export interface MadePerson {
  readonly box: readonly [left: number, top: number, right: number, bottom: number, score: number];
  readonly points: readonly (readonly [x: number, y: number, score: number])[];
}

/** A network as RTMO is exported, which gives those of these people whose score is above 0.3. */
export async function writeOneStage(path: string, side: number, people: readonly MadePerson[]): Promise<string> {
  const { nodes, constants } = nothing(1);
  const float = (name: string, dims: readonly number[], values: readonly number[]): OnnxConstant => ({
    name,
    dims,
    floats: Float32Array.from(values),
  });
  await writeFile(
    path,
    buildOnnx({
      name: 'made one-stage poses',
      nodes: [
        ...nodes,
        node('Add', ['scores', 'nothing'], 'score'),
        node('Greater', ['score', 'least'], 'is-kept'),
        node('NonZero', ['is-kept'], 'kept'),
        node('Reshape', ['kept', 'row'], 'index'),
        node('Gather', ['boxes', 'index'], 'dets', { axis: 1 }),
        node('Gather', ['points', 'index'], 'keypoints', { axis: 1 }),
      ],
      constants: [
        ...constants,
        float(
          'scores',
          [people.length],
          people.map(({ box }) => box[4]),
        ),
        float('least', [1], [0.3]),
        { name: 'row', dims: [1], integers: [-1] },
        float(
          'boxes',
          [1, people.length, 5],
          people.flatMap(({ box }) => box),
        ),
        float(
          'points',
          [1, people.length, 17, 3],
          people.flatMap(({ points }) => points.flat()),
        ),
      ],
      input: { name: IMAGES, dims: [1, 3, side, side] },
      output: { name: 'dets', dims: [1, 'people', 5] },
      moreOutputs: [{ name: 'keypoints', dims: [1, 'people', 17, 3] }],
    }),
  );
  return path;
}
