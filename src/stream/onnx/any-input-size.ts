import { create } from '@bufbuild/protobuf';
import type { OnnxModel } from './onnx-file.js';
import { allowUnlistedConstants, forgetSizes, integerAttribute, networkInputs } from './onnx-graph.js';
import { floatTensor, integersOf, integerTensor } from './onnx-tensor.js';
import { AttributeProto_AttributeType as AttributeType, NodeProtoSchema, type NodeProto } from './schema/onnx_pb.js';

/** Axis of the channels between the first and the last node of such a network. */
const CHANNELS = 1;

/**
 * Lets a network of convolutions that was saved for one size of pictures take others, in place; the same pictures give
 * the same numbers as before. It changes what fixes the size: channels of zeros that are put behind pooled ones, and
 * the lists that boxes are given as. What is pooled then goes through a convolution that copies it: ONNX Runtime adds
 * the results of convolutions as a part of them, and others by themselves, with a change of their layout before
 * and after.
 *
 * @returns whether it is such a network; else the model is as it was
 */
export function takeAnyInputSize(model: OnnxModel): boolean {
  const { graph } = model;
  const lists = graph.node.filter(({ opType }) => opType === 'Reshape');
  const pools = graph.node.filter(({ opType }) => opType === 'MaxPool').map((pool) => pooledChannels(model, pool));
  const fillers = graph.node.filter(({ opType }) => opType === 'ConstantOfShape');
  const replaced = new Set(pools.flatMap((each) => each?.replaced ?? []));
  const shapes = lists.map((list) => listShape(model, list));
  if (pools.some((each) => each === undefined) || shapes.some((each) => each === undefined)) return false;
  if (fillers.some((filler) => !replaced.has(filler))) return false;

  allowUnlistedConstants(model);
  for (const shape of shapes) {
    if (shape === undefined) continue;
    graph.initializer = graph.initializer.map((each) => (each.name === shape.name ? shape : each));
  }
  const copies = new Map(pools.map((each) => [each?.pool, each?.copy]));
  graph.node = graph.node.flatMap((node) => {
    const copy = copies.get(node);
    if (copy === undefined) return replaced.has(node) ? [] : [node];
    const { output, from, to } = copy;
    const weights = `${output}/copy_weights`;
    const pooled = `${output}/pooled`;
    graph.initializer.push(floatTensor(weights, [to, from, 1, 1], identity(from, to)));
    node.output = [pooled];
    return [node, copyNode(pooled, weights, output)];
  });
  graph.valueInfo = [];
  for (const value of [...networkInputs(graph), ...graph.output]) forgetSizes(value);
  return true;
}

/**
 * What the pooled channels become: themselves, or with channels of zeros behind them.
 *
 * @returns `undefined` where they become anything else
 */
function pooledChannels({ graph }: OnnxModel, pool: NodeProto) {
  const pooled = pool.output[0] ?? '';
  const from = channelsOf(graph.node, graph.initializer, pool.input[0]);
  if (from === undefined) return undefined;
  const behind = graph.node.filter(({ input }) => input.includes(pooled));
  const [join] = behind;
  if (join?.opType !== 'Concat') return { pool, replaced: [], copy: { output: pooled, from, to: from } };
  const zeros = graph.node.find(({ opType, output }) => opType === 'ConstantOfShape' && output[0] === join.input[1]);
  const shape = graph.initializer.find(({ name }) => name === zeros?.input[0]);
  const isPadding = join.input.length === 2 && join.input[0] === pooled && integerAttribute(join, 'axis') === CHANNELS;
  if (behind.length > 1 || !isPadding || zeros === undefined || shape === undefined || hasValue(zeros))
    return undefined;
  const added = Number(integersOf(shape)[CHANNELS]);
  return { pool, replaced: [join, zeros], copy: { output: join.output[0] ?? '', from, to: from + added } };
}

const hasValue = ({ attribute }: NodeProto): boolean => attribute.some(({ name }) => name === 'value');

/** Channels of a value that a convolution makes, with or without an addition and an activation behind it. */
function channelsOf(
  nodes: readonly NodeProto[],
  constants: OnnxModel['graph']['initializer'],
  value: string | undefined,
): number | undefined {
  const node = nodes.find(({ output }) => output[0] === value);
  if (node?.opType === 'Relu' || node?.opType === 'Add') return channelsOf(nodes, constants, node.input.at(-1));
  if (node?.opType !== 'Conv') return undefined;
  const weights = constants.find(({ name }) => name === node.input[1]);
  return weights && Number(weights.dims[0]);
}

/** A list of one picture's boxes, as long as the picture asks for. */
function listShape({ graph }: OnnxModel, { input }: NodeProto) {
  const shape = graph.initializer.find(({ name }) => name === input[1]);
  const sides = shape && integersOf(shape);
  if (shape === undefined || sides?.length !== 3 || sides[0] !== 1n) return undefined;
  return integerTensor(shape.name, [3], [1n, -1n, sides[2] ?? 1n]);
}

/** Weights of a convolution that copies channels and fills the others with zeros. */
function identity(from: number, to: number): Float32Array {
  const weights = new Float32Array(from * to);
  for (let channel = 0; channel < Math.min(from, to); channel++) weights[channel * from + channel] = 1;
  return weights;
}

const copyNode = (input: string, weights: string, output: string): NodeProto =>
  create(NodeProtoSchema, {
    name: `${output}/copy`,
    opType: 'Conv',
    input: [input, weights],
    output: [output],
    attribute: [{ name: 'kernel_shape', ints: [1n, 1n], type: AttributeType.INTS }],
  });
