import { create } from '@bufbuild/protobuf';
import { depthwiseShare } from '../../onnx/depthwise-share.js';
import type { OnnxModel } from '../../onnx/onnx-file.js';
import {
  allowUnlistedConstants,
  attributeOf,
  capturedBy,
  integerAttribute,
  isStandard,
} from '../../onnx/onnx-graph.js';
import { ELEMENT_TYPE, floatTensor, integersOf } from '../../onnx/onnx-tensor.js';
import {
  AttributeProto_AttributeType as AttributeType,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type NodeProto,
  type TensorProto,
} from '../../onnx/schema/onnx_pb.js';
import { denseWeights, findConstants, numbersOf } from './convolution-weights.js';
import { followConvolution, type Surroundings } from './following-operators.js';
import { ValueUses } from './value-uses.js';

/** What {@link useOwnConvolutions} did. */
export interface OwnConvolutions {
  /** Convolutions that are operators of our own now. */
  readonly replaced: number;
  /** Those that stay as they are. */
  readonly left: number;
}

/** Of the operators of our own. */
const DOMAIN = 'diptych';
/** A network in 32 bits with more weights is faster by those who wrote for large ones. */
const MOST_WEIGHTS_32 = 1_000_000;
/** Share of its convolutions that is depthwise, at least: as ChannelOrder asks. */
const LEAST_DEPTHWISE = 0.25;
/** Pixels of the input that a tile of 8 × 8 may see: kMostPatch of native/kernels/conv_params.h. */
const MOST_PATCH = 289;
const TILE_STEPS = 7;

/** A convolution as the operators of our own describe it. */
interface Convolution {
  readonly node: NodeProto;
  /** What is computed on, and the padding in front of it that is done with it. */
  readonly input: string;
  readonly pad?: NodeProto;
  readonly weights: TensorProto;
  readonly bias?: Float32Array;
  readonly filters: number;
  readonly group: number;
  /** Kernel, strides and pads, in the order of `geometry`. */
  readonly sizes: readonly number[];
  readonly operator: 'DenseConv' | 'DirectConv16' | 'DirectConv32';
}

/**
 * Has the convolutions of a network computed by operators of our own (native/src/ort/convolution.hpp), each in one kernel
 * with its bias, its activation and what is added to it: cuDNN starts one for each of them, and compiles some whenever a
 * network is opened. In place. Convolutions in 16 bits are all replaced that can be; those in 32 bits only in a small
 * network of depthwise convolutions, and only if none is left.
 */
export function useOwnConvolutions(model: OnnxModel): OwnConvolutions {
  const { graph } = model;
  const nodes = graph.node.filter((node) => node.opType === 'Conv' && isStandard(node));
  const surroundings = { constants: findConstants(graph), uses: new ValueUses(graph) };
  const found = nodes.flatMap((node) => describe(node, surroundings) ?? []);
  const direct = found.filter(({ operator }) => operator === 'DirectConv32');
  const isSmall =
    found.length === nodes.length &&
    depthwiseShare(graph) >= LEAST_DEPTHWISE &&
    direct.reduce((sum, { weights }) => sum + weights.dims.reduce((product, side) => product * Number(side), 1), 0) <=
      MOST_WEIGHTS_32;
  const chosen = isSmall ? found : found.filter(({ operator }) => operator !== 'DirectConv32');
  if (chosen.length > 0) replace(model, chosen, surroundings);
  return { replaced: chosen.length, left: nodes.length - chosen.length };
}

type Known = Pick<Surroundings, 'constants' | 'uses'>;

/** `undefined` where no operator of ours can compute it. */
function describe(node: NodeProto, { constants, uses }: Known): Convolution | undefined {
  const [input = '', weightsName = '', biasName = ''] = node.input;
  const weights = constants.get(weightsName);
  const dims = weights?.dims.map(Number) ?? [];
  const bias = constants.get(biasName);
  const numbers = bias && numbersOf(bias);
  const autoPad = attributeOf(node, 'auto_pad')?.s;
  const isPadded = autoPad === undefined || ['NOTSET', 'VALID'].includes(new TextDecoder().decode(autoPad));
  const dilations = integers(node, 'dilations', [1, 1]);
  if (weights === undefined || dims.length !== 4 || !isPadded || dilations.some((each) => each !== 1)) return undefined;
  if (biasName !== '' && numbers === undefined) return undefined;
  const [filters = 0, , rows = 0, columns = 0] = dims;
  const group = integerAttribute(node, 'group') ?? 1;
  const [strideY = 1, strideX = 1] = integers(node, 'strides', [1, 1]);
  const padding = padsInFront(input, { constants, uses });
  const pads = integers(node, 'pads', [0, 0, 0, 0]).map((pad, i) => pad + (padding?.pads[i] ?? 0));
  const is16 = weights.dataType === ELEMENT_TYPE.float16;
  if (!is16 && weights.dataType !== ELEMENT_TYPE.float) return undefined;
  const patch = (TILE_STEPS * strideY + rows) * (TILE_STEPS * strideX + columns);
  const isDense = is16 && group === 1 && patch <= MOST_PATCH;
  return {
    ...{ node, weights, filters, group },
    input: padding?.node.input[0] ?? input,
    ...(padding && { pad: padding.node }),
    ...(numbers && { bias: numbers }),
    sizes: [rows, columns, strideY, strideX, ...pads],
    operator: isDense ? 'DenseConv' : is16 ? 'DirectConv16' : 'DirectConv32',
  };
}

/** Zeros that a node puts around the picture, for this convolution only: top, left, bottom, right. */
function padsInFront(
  input: string,
  { constants, uses }: Known,
): { readonly node: NodeProto; readonly pads: readonly number[] } | undefined {
  const users = uses.usersOf(input);
  const node = users?.length === 1 ? uses.makerOf(input) : undefined;
  if (node?.opType !== 'Pad' || !isStandard(node)) return undefined;
  const mode = attributeOf(node, 'mode')?.s;
  if (mode !== undefined && new TextDecoder().decode(mode) !== 'constant') return undefined;
  const [, padsName = '', valueName = '', axes = ''] = node.input;
  const tensor = constants.get(padsName);
  const all = tensor ? integersOf(tensor).map(Number) : integers(node, 'pads', []);
  const value = constants.get(valueName);
  const filling = value ? numbersOf(value)?.[0] : valueName === '' ? (attributeOf(node, 'value')?.f ?? 0) : undefined;
  const [n1, c1, top, left, n2, c2, bottom, right] = all;
  if (all.length !== 8 || filling !== 0 || axes !== '' || all.some((pad) => pad < 0)) return undefined;
  if (n1 !== 0 || c1 !== 0 || n2 !== 0 || c2 !== 0) return undefined;
  return { node, pads: [top!, left!, bottom!, right!] };
}

function replace(model: OnnxModel, convolutions: readonly Convolution[], known: Known): void {
  const { graph } = model;
  const taken = new Set<NodeProto>();
  // By the last node that it stands for, whose place it takes: what is added to it is there by then.
  const places = new Map<NodeProto, NodeProto>();
  for (const convolution of convolutions) {
    const { node, filters, bias, pad } = convolution;
    const following = followConvolution(
      node.output[0] ?? '',
      { filters, hasBias: bias !== undefined },
      { ...known, isTaken: (each) => taken.has(each) },
    );
    for (const each of [node, ...following.nodes, ...(pad ? [pad] : [])]) taken.add(each);
    const name = node.name || following.output;
    const weights = weightsOf(`${name}/diptych/weights`, convolution);
    const parameter = (part: string, numbers: Float32Array): string => {
      graph.initializer.push(floatTensor(`${name}/diptych/${part}`, [filters], numbers));
      return `${name}/diptych/${part}`;
    };
    graph.initializer.push(weights);
    const input = [
      convolution.input,
      weights.name,
      parameter('bias', following.bias ?? bias ?? new Float32Array(filters)),
      following.slope ? parameter('slope', following.slope) : '',
      following.added ?? '',
    ];
    while (input.at(-1) === '') input.pop();
    const geometry = [...convolution.sizes, convolution.group, following.activation, following.residual];
    places.set(
      following.nodes.at(-1) ?? node,
      ownNode({ name, convolution, input, output: following.output, geometry }),
    );
  }
  graph.node = graph.node.flatMap((node) => places.get(node) ?? (taken.has(node) ? [] : [node]));
  allowUnlistedConstants(model);
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: DOMAIN, version: 1n }));
  dropUnused(model);
}

const ownNode = ({
  name,
  convolution: { operator },
  input,
  output,
  geometry,
}: {
  readonly name: string;
  readonly convolution: Convolution;
  readonly input: string[];
  readonly output: string;
  readonly geometry: readonly number[];
}): NodeProto =>
  create(NodeProtoSchema, {
    ...{ name, domain: DOMAIN, opType: operator, input, output: [output] },
    attribute: [{ name: 'geometry', ints: geometry.map(BigInt), type: AttributeType.INTS }],
  });

function weightsOf(name: string, { operator, weights }: Convolution): TensorProto {
  const dense = operator === 'DenseConv' ? denseWeights(name, weights) : undefined;
  return dense ?? { ...weights, name };
}

/** Constants that nothing uses any more would take memory of the GPU. */
function dropUnused({ graph }: OnnxModel): void {
  const used = new Set([
    ...graph.node.flatMap((node) => [...node.input, ...capturedBy(node)]),
    ...graph.output.map(({ name }) => name),
  ]);
  const dropped = new Set(graph.initializer.map(({ name }) => name).filter((name) => !used.has(name)));
  graph.initializer = graph.initializer.filter(({ name }) => !dropped.has(name));
  graph.input = graph.input.filter(({ name }) => !dropped.has(name));
}

function integers(node: NodeProto, name: string, otherwise: readonly number[]): readonly number[] {
  const attribute = attributeOf(node, name);
  return attribute ? attribute.ints.map(Number) : otherwise;
}
