import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';
import { convertToFp16 } from '#src/stream/models/conversion/fp16-conversion.js';
import { useOwnConvolutions } from '#src/stream/models/conversion/own-convolutions/own-convolutions.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { buildModel, type OnnxConstant, type OnnxNode } from '#src/stream/onnx/onnx-builder.js';
import { decodeOnnx, encodeOnnx, type OnnxModel } from '#src/stream/onnx/onnx-file.js';
import { buildYolov8nShaped } from '../../../bench/yolov8n-shaped.js';
import { runOwnOperators, type Value } from './own-operators.js';

const BATCH = 2;
const LAYERS = 6;
/** Sums of few numbers in another order. */
const OFF_32 = 1e-5;
/** Each layer rounds to 11 bits, which ONNX Runtime does more often. */
const OFF_16 = 0.01;

interface Flow {
  readonly name: string;
  readonly channels: number;
  /** So that two of the same size are known by it. */
  readonly scale: string;
}

/** A network of convolutions with all that can be computed with them, chosen by the seed. */
class RandomNetwork {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly sides: readonly [number, number];
  readonly channels: number;
  readonly #random: () => number;
  readonly #flows: Flow[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.sides = [9 + this.#below(6), 10 + this.#below(6)];
    this.channels = 2 + this.#below(19);
  }

  build(): OnnxModel {
    let flow: Flow = { name: 'x', channels: this.channels, scale: '' };
    this.#flows.push(flow);
    for (let i = 0; i < LAYERS; i++) flow = this.#layer(`l${i}`, flow, i % 2 === 0);
    this.#node('Conv', [flow.name, this.#weights('last', [2, flow.channels, 1, 1])], 'y');
    return buildModel({
      name: 'random',
      nodes: this.nodes,
      constants: this.constants,
      input: { name: 'x', dims: ['batch', this.channels, ...this.sides] },
      output: { name: 'y', dims: ['batch', 2, 'height', 'width'] },
    });
  }

  #layer(name: string, from: Flow, isDepthwise: boolean): Flow {
    const { channels } = from;
    const isShrinking = this.#below(4) === 0;
    const filters = isDepthwise ? channels : this.#below(2) === 0 ? channels : 2 + this.#below(19);
    const kernel = [1, 3, 5][this.#below(3)]!;
    const weights = this.#weights(`${name}/w`, [filters, isDepthwise ? 1 : channels, kernel, kernel]);
    const inputs = [weights, ...(this.#below(2) === 0 ? [this.#weights(`${name}/b`, [filters])] : [])];
    const [padded, padding] = this.#padded(name, from.name, kernel);
    this.#node('Conv', [padded, ...inputs], `${name}/conv`, {
      ...padding,
      strides: isShrinking ? [2, 2] : [1, 1],
      group: isDepthwise ? channels : 1,
    });
    const flow = { name: '', channels: filters, scale: isShrinking ? `${from.scale}/${name}` : from.scale };
    let value = `${name}/conv`;
    if (this.#below(3) === 0)
      value = this.#node('Add', [value, this.#weights(`${name}/c`, [1, filters, 1, 1])], `${name}/add`);
    const added = this.#flows.filter(({ channels: c, scale }) => c === filters && scale === flow.scale);
    const residual = added[this.#below(added.length + 1)]?.name;
    const isBefore = this.#below(2) === 0;
    if (residual !== undefined && isBefore) value = this.#node('Add', [value, residual], `${name}/before`);
    value = this.#activation(name, value, filters);
    if (residual !== undefined && !isBefore) value = this.#node('Add', [residual, value], `${name}/after`);
    const result = { ...flow, name: value };
    this.#flows.push(result);
    return result;
  }

  /** By the node itself, by its rule for it, or by a node in front; always so much that the size stays. */
  #padded(name: string, value: string, kernel: number): [string, NonNullable<OnnxNode['attributes']>] {
    const half = (kernel - 1) / 2;
    const pads = [half, half, half, half];
    const way = this.#below(3);
    if (way === 0) return [value, { pads }];
    if (way === 1) return [value, { auto_pad: this.#below(2) === 0 ? 'SAME_UPPER' : 'SAME_LOWER' }];
    this.constants.push({ name: `${name}/pads`, dims: [8], integers: [0, 0, half, half, 0, 0, half, half] });
    return [this.#node('Pad', [value, `${name}/pads`], `${name}/pad`), {}];
  }

  #activation(name: string, value: string, channels: number): string {
    const output = `${name}/act`;
    switch (this.#below(6)) {
      case 0:
        return this.#node('Relu', [value], output);
      case 1:
        return this.#node('LeakyRelu', [value], output, { alpha: { float: 0.1 } });
      case 2:
        return this.#node('PRelu', [value, this.#weights(`${name}/s`, [channels, 1, 1])], output);
      case 3:
        this.constants.push({ name: `${name}/0`, dims: [], floats: Float32Array.of(0) });
        this.constants.push({ name: `${name}/6`, dims: [], floats: Float32Array.of(6) });
        return this.#node('Clip', [value, `${name}/0`, `${name}/6`], output);
      case 4:
        return this.#node('Mul', [value, this.#node('Sigmoid', [value], `${name}/gate`)], output);
      default:
        return value;
    }
  }

  #weights(name: string, dims: readonly number[]): string {
    const count = dims.reduce((product, side) => product * side, 1);
    const spread = 2 / Math.sqrt(Math.max(count / dims[0]!, 1));
    this.constants.push({
      name,
      dims,
      floats: Float32Array.from({ length: count }, () => spread * (this.#random() - 0.4)),
    });
    return name;
  }

  #node(operator: string, inputs: readonly string[], output: string, attributes: OnnxNode['attributes'] = {}): string {
    this.nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

async function runByOnnxRuntime(model: OnnxModel, { dims, data }: Value): Promise<Float32Array> {
  const session = await OnnxSession.open({ path: 'random.onnx', content: encodeOnnx(model), threads: 1 });
  try {
    const [output] = await session.run(data, dims);
    return output!.data;
  } finally {
    await session.close();
  }
}

function worstShare(expected: Float32Array, found: Float32Array): number {
  expect(found).toHaveLength(expected.length);
  const range = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - found[i]!)), 0) / range;
}

describe('random networks give the same with convolutions of our own', () => {
  const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);

  it.each(SEEDS)('of 32 and of 16 bits: seed %i', async (seed) => {
    const network = new RandomNetwork(seed);
    const model = network.build();
    const random = seededRandom(seed + 1000);
    const dims = [BATCH, network.channels, ...network.sides];
    const data = Float32Array.from({ length: dims.reduce((product, side) => product * side, 1) }, () => random() - 0.5);
    const expected = await runByOnnxRuntime(model, { dims, data });

    const half = decodeOnnx(encodeOnnx(model), 'half');
    convertToFp16(half);
    const reports = [model, half].map(useOwnConvolutions);
    const found = [model, half].map((each) => runOwnOperators(decodeOnnx(encodeOnnx(each), 'again'), { dims, data }));

    // All convolutions are among these, and nothing but additions and casts beside them.
    expect(reports.map(({ replaced }) => replaced)).toEqual([LAYERS + 1, LAYERS + 1]);
    expect(reports[0]!.operators).toEqual({ DirectConv32: LAYERS + 1 });
    expect(worstShare(expected, found[0]!.data)).toBeLessThan(OFF_32);
    expect(worstShare(expected, found[1]!.data)).toBeLessThan(OFF_16);
  });
});

const modelDir = process.env['DIPTYCH_MODEL_DIR'];
const brought = (file: string): string | undefined => {
  const path = modelDir && join(modelDir, file);
  return path !== undefined && existsSync(path) ? path : undefined;
};

describe('networks that are in use', () => {
  const fetched = async (name: string): Promise<OnnxModel> => {
    const { path } = await new ModelStore().fetch(name);
    return decodeOnnx(await readFile(path), path);
  };
  const halved = (model: OnnxModel): OnnxModel => {
    convertToFp16(model);
    return model;
  };

  it.each([
    { what: 'BlazeFace', model: () => fetched('blazeface'), operators: { DirectConv32: 69 } },
    {
      what: 'BlazeFace in 16 bits',
      model: async () => halved(await fetched('blazeface')),
      operators: { DenseConv: 36, DirectConv16: 33 },
    },
    {
      what: 'YOLOv8n in 16 bits',
      model: () => Promise.resolve(halved(buildModel(buildYolov8nShaped()))),
      operators: { DenseConv: 64 },
    },
  ])('have all convolutions replaced: $what', async ({ model, operators }) => {
    expect(useOwnConvolutions(await model())).toMatchObject({ operators, left: {} });
  });

  it.each([
    ['YOLOv8n', () => Promise.resolve(buildModel(buildYolov8nShaped()))],
    ['the face descriptor', () => fetched('dlib-face-descriptor')],
  ])('stay as they are where 32 bits are faster by cuDNN: %s', async (_, model) => {
    expect(useOwnConvolutions(await model()).replaced).toBe(0);
  });

  it('add what bottlenecks of YOLOv8n add, after the activation', () => {
    const model = halved(buildModel(buildYolov8nShaped()));

    useOwnConvolutions(model);

    const own = model.graph.node.filter(({ domain }) => domain === 'diptych');
    const places = own.map(({ attribute }) => Number(attribute[0]!.ints.at(-1)));
    expect([1, 2].map((place) => places.filter((each) => each === place).length)).toEqual([0, 6]);
    expect(model.graph.node.filter(({ opType }) => opType === 'Sigmoid' || opType === 'Mul')).toHaveLength(3);
  });

  const yunet = brought('yunet_n_dynamic.onnx');
  it.skipIf(yunet === undefined)('have all convolutions replaced: YuNet', async () => {
    const model = decodeOnnx(await readFile(yunet!), yunet!);

    expect(useOwnConvolutions(model)).toMatchObject({ operators: { DirectConv32: 59 }, left: {} });
  });
});
