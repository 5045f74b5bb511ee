import { fromFloat16Bits } from '#src/stream/models/conversion/float16.js';
import type { OnnxModel } from '#src/stream/onnx/onnx-file.js';
import { attributeOf } from '#src/stream/onnx/onnx-graph.js';
import { ELEMENT_TYPE, floatsOf } from '#src/stream/onnx/onnx-tensor.js';
import type { NodeProto, TensorProto } from '#src/stream/onnx/schema/onnx_pb.js';

/** Numbers in row-major order. */
export interface Value {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

const CHANNELS_AT_A_TIME = 16;

/**
 * Runs a network of nothing but convolutions of our own, additions and casts, number by number as the operators are
 * described: native/src/ort/convolution.hpp.
 */
export function runOwnOperators({ graph }: OnnxModel, input: Value): Value {
  const values = new Map<string, Value>(graph.initializer.map((tensor) => [tensor.name, valueOf(tensor)]));
  values.set(graph.input[0]!.name, input);
  for (const node of graph.node) {
    const inputs = node.input.map((name) => values.get(name));
    values.set(node.output[0]!, run(node, inputs));
  }
  return values.get(graph.output[0]!.name)!;
}

function run(node: NodeProto, [first, second, bias, slope, residual]: readonly (Value | undefined)[]): Value {
  if (node.domain === 'diptych') return convolution(node, first!, second!, bias!, slope, residual);
  if (node.opType === 'Cast') return first!;
  if (node.opType === 'Add' && first?.data.length === second?.data.length) {
    return { dims: first!.dims, data: first!.data.map((value, i) => value + second!.data[i]!) };
  }
  throw new Error(`${node.opType} ${node.output[0]} is left`);
}

function convolution(
  node: NodeProto,
  { dims, data }: Value,
  weights: Value,
  bias: Value,
  slope: Value | undefined,
  residual: Value | undefined,
): Value {
  const [batch = 0, channels = 0, height = 0, width = 0] = dims;
  const geometry = attributeOf(node, 'geometry')!.ints.map(Number);
  const [rows = 0, columns = 0, down = 0, right = 0, top = 0, left = 0, bottom = 0, end = 0, group = 0] = geometry;
  const [activation, residualPlace] = geometry.slice(9);
  const filters = weights.dims[0]!;
  const perGroup = channels / group;
  const high = Math.floor((height + top + bottom - rows) / down) + 1;
  const wide = Math.floor((width + left + end - columns) / right) + 1;
  const padded = Math.ceil(channels / CHANNELS_AT_A_TIME) * CHANNELS_AT_A_TIME;
  const weightOf = (m: number, c: number, r: number, s: number): number =>
    node.opType === 'DenseConv'
      ? weights.data[(m * rows * columns + r * columns + s) * padded + c]!
      : weights.data[((m * perGroup + c) * rows + r) * columns + s]!;
  const sumOf = (n: number, m: number, y: number, x: number): number => {
    let sum = bias.data[m]!;
    const firstChannel = Math.floor(m / (filters / group)) * perGroup;
    for (let c = 0; c < perGroup; c++) {
      for (let r = 0; r < rows; r++) {
        for (let s = 0; s < columns; s++) {
          const [row, column] = [y * down - top + r, x * right - left + s];
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          const at = ((n * channels + firstChannel + c) * height + row) * width + column;
          sum += data[at]! * weightOf(m, c, r, s);
        }
      }
    }
    return sum;
  };
  const result: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let m = 0; m < filters; m++) {
      for (let y = 0; y < high; y++) {
        for (let x = 0; x < wide; x++) {
          const added = residualPlace === 0 ? 0 : residual!.data[result.length]!;
          const sum = sumOf(n, m, y, x) + (residualPlace === 1 ? added : 0);
          result.push(activated(sum, activation!, slope?.data[m]) + (residualPlace === 2 ? added : 0));
        }
      }
    }
  }
  if (residual && residual.data.length !== result.length)
    throw new Error(`${node.name}: what is added is not as large`);
  return { dims: [batch, filters, high, wide], data: Float32Array.from(result) };
}

function activated(x: number, activation: number, slope: number | undefined): number {
  if (activation === 1) return Math.max(x, 0);
  if (activation === 2) return x / (1 + Math.exp(-x));
  if (activation === 3) return x < 0 ? x * slope! : x;
  return activation === 4 ? Math.min(Math.max(x, 0), 6) : x;
}

function valueOf(tensor: TensorProto): Value {
  const dims = tensor.dims.map(Number);
  if (tensor.dataType !== ELEMENT_TYPE.float16) {
    return { dims, data: tensor.dataType === ELEMENT_TYPE.float ? floatsOf(tensor) : new Float32Array() };
  }
  const { buffer, byteOffset, byteLength } = tensor.rawData;
  const view = new DataView(buffer, byteOffset, byteLength);
  return {
    dims,
    data: Float32Array.from({ length: byteLength / 2 }, (_, i) => fromFloat16Bits(view.getUint16(i * 2, true))),
  };
}
