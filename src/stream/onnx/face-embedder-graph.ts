import { DiptychError } from '../../shared/domain/errors.js';
import type { OnnxAttributes, OnnxConstant, OnnxGraph, OnnxNode } from './onnx-builder.js';
import type { WeightMap } from './tfjs-weights.js';

/** Side of the square picture of one face, pixels. */
const INPUT_SIDE = 150;
const DESCRIPTOR_LENGTH = 128;

/** Mean colour of the training pictures, and what differences from it are divided by (dlib, `input_rgb_image_sized`). */
const MEAN_RGB = [122.782, 117.001, 104.298] as const;
const COLOUR_RANGE = 256;

/** The blocks after the first convolution, and whether they halve the picture. */
const BLOCKS: readonly { readonly name: string; readonly isDown: boolean }[] = [
  ...['conv32_1', 'conv32_2', 'conv32_3'].map((name) => ({ name, isDown: false })),
  { name: 'conv64_down', isDown: true },
  ...['conv64_1', 'conv64_2', 'conv64_3'].map((name) => ({ name, isDown: false })),
  { name: 'conv128_down', isDown: true },
  ...['conv128_1', 'conv128_2'].map((name) => ({ name, isDown: false })),
  { name: 'conv256_down', isDown: true },
  ...['conv256_1', 'conv256_2'].map((name) => ({ name, isDown: false })),
  { name: 'conv256_down_out', isDown: true },
];

/** Names of the graph's input and output. */
const INPUT = 'faces';
const OUTPUT = 'descriptors';

/** Shape of what flows between blocks; height and width are equal. */
interface Shape {
  readonly channels: number;
  readonly side: number;
}

/**
 * dlib's face descriptor (`face_recognition_resnet_model_v1`) as an ONNX graph, of the weights that
 * face-api.js publishes: any number of aligned faces in ([N, 3, 150, 150], RGB, 0 … 255), one
 * descriptor of 128 numbers each out, compared by Euclidean distance. The learned scales behind
 * the convolutions are folded into them.
 *
 * Sources: dlib `examples/dnn_face_recognition_ex.cpp` for the network, face-api.js
 * `faceRecognitionNet/` for the layout of the weights. face-api divides colours by 255; here it is
 * dlib's 256, which the network was trained with.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where a weight is missing or of another shape.
 */
export function buildFaceEmbedder(weights: WeightMap): OnnxGraph {
  const builder = new GraphBuilder(weights);
  let shape: Shape = { channels: 3, side: INPUT_SIDE };
  let value = builder.normalize(INPUT);
  [value, shape] = builder.convolution('conv32_down', value, shape, { isDown: true, kernel: 7 });
  value = builder.node('Relu', [value]);
  value = builder.node('MaxPool', [value], { kernel_shape: [3, 3], strides: [2, 2] });
  shape = { ...shape, side: halved(shape.side, 3) };
  for (const { name, isDown } of BLOCKS) [value, shape] = builder.residual(name, isDown, value, shape);
  value = builder.node('GlobalAveragePool', [value]);
  value = builder.node('Flatten', [value], { axis: 1 });
  const fc = builder.weight('fc', [shape.channels, DESCRIPTOR_LENGTH]);
  builder.node('MatMul', [value, builder.floats('fc', fc.shape, fc.data)], {}, OUTPUT);
  return {
    name: 'dlib_face_descriptor',
    nodes: builder.nodes,
    constants: builder.constants,
    input: { name: INPUT, dims: ['N', 3, INPUT_SIDE, INPUT_SIDE] },
    output: { name: OUTPUT, dims: ['N', DESCRIPTOR_LENGTH] },
  };
}

class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly #weights: WeightMap;

  constructor(weights: WeightMap) {
    this.#weights = weights;
  }

  /** Adds a node. @returns the name of its result */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: OnnxAttributes = {},
    output = `${operator}_${this.nodes.length}`,
  ): string {
    this.nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  floats(name: string, dims: readonly number[], floats: Float32Array): string {
    this.constants.push({ name, dims, floats });
    return name;
  }

  weight(name: string, shape: readonly number[]): { readonly shape: readonly number[]; readonly data: Float32Array } {
    const found = this.#weights.get(name);
    if (found?.shape.join() === shape.join() && found.data instanceof Float32Array) {
      return { shape, data: found.data };
    }
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `these are not the weights of dlib's face descriptor: ${name} should be ${shape.join('×')}, ` +
        `got ${found === undefined ? 'nothing' : found.shape.join('×')}`,
    );
  }

  normalize(input: string): string {
    const centred = this.node('Sub', [input, this.floats('mean', [3, 1, 1], Float32Array.from(MEAN_RGB))]);
    return this.node('Mul', [centred, this.floats('scale', [], Float32Array.of(1 / COLOUR_RANGE))]);
  }

  /** Two convolutions and a way around them; one that halves the picture averages it on that way. */
  residual(name: string, isDown: boolean, input: string, before: Shape): [string, Shape] {
    let [value, shape] = this.convolution(`${name}/conv1`, input, before, { isDown, kernel: 3 });
    value = this.node('Relu', [value]);
    [value, shape] = this.convolution(`${name}/conv2`, value, shape, { isDown: false, kernel: 3 });
    let shortcut = input;
    if (isDown) {
      shortcut = this.node('AveragePool', [input], { kernel_shape: [2, 2], strides: [2, 2] });
      const side = halved(before.side, 2);
      // Convolving an even side leaves one pixel less than averaging it: zeros make up for it, and
      // for the channels that the averages lack.
      value = this.#padTo(value, shape, { ...shape, side });
      shortcut = this.#padTo(shortcut, { ...before, side }, { ...shape, side });
      shape = { ...shape, side };
    }
    return [this.node('Relu', [this.node('Add', [shortcut, value])]), shape];
  }

  /** A convolution, twice as many channels out where the name of its block says so. */
  convolution(
    name: string,
    input: string,
    { channels, side }: Shape,
    { isDown, kernel }: { readonly isDown: boolean; readonly kernel: number },
  ): [string, Shape] {
    const out = Number(/^conv(\d+)/.exec(name)?.[1]);
    const filters = this.weight(`${name}/conv/filters`, [kernel, kernel, channels, out]).data;
    const bias = this.weight(`${name}/conv/bias`, [out]).data;
    const scale = this.weight(`${name}/scale/weights`, [out]).data;
    const shift = this.weight(`${name}/scale/biases`, [out]).data;

    // From height, width, in, out to ONNX's out, in, height, width.
    const folded = new Float32Array(filters.length);
    const area = kernel * kernel;
    for (let place = 0; place < area; place++) {
      for (let from = 0; from < channels; from++) {
        for (let to = 0; to < out; to++) {
          folded[(to * channels + from) * area + place] = filters[(place * channels + from) * out + to]! * scale[to]!;
        }
      }
    }
    const value = this.node(
      'Conv',
      [
        input,
        this.floats(`${name}/filters`, [out, channels, kernel, kernel], folded),
        this.floats(
          `${name}/bias`,
          [out],
          bias.map((each, i) => each * scale[i]! + shift[i]!),
        ),
      ],
      isDown ? { strides: [2, 2] } : { pads: [1, 1, 1, 1] },
    );
    return [value, { channels: out, side: isDown ? halved(side, kernel) : side }];
  }

  #padTo(value: string, from: Shape, to: Shape): string {
    const channels = to.channels - from.channels;
    const side = to.side - from.side;
    if (channels === 0 && side === 0) return value;
    const name = `pad_${this.nodes.length}`;
    this.constants.push({ name, dims: [8], integers: [0, 0, 0, 0, 0, channels, side, side] });
    return this.node('Pad', [value, name]);
  }
}

/** Side after every second place of a window that stays inside. */
const halved = (side: number, window: number): number => Math.floor((side - window) / 2) + 1;
