import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { encodeOnnx, type OnnxModel } from './onnx-file.js';
import { subgraphsOf } from './onnx-graph.js';
import { ELEMENT_TYPE, floatTensor, integerTensor } from './onnx-tensor.js';
import {
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  type AttributeProtoSchema,
  type NodeProto,
  type NodeProtoSchema,
  type TensorProto,
  type ValueInfoProtoSchema,
} from './schema/onnx_pb.js';

/** A constant of a graph: 32-bit floats or 64-bit integers, in row-major order. */
export type OnnxConstant =
  | { readonly name: string; readonly dims: readonly number[]; readonly floats: Float32Array }
  | { readonly name: string; readonly dims: readonly number[]; readonly integers: readonly number[] };

/** One operation. */
export interface OnnxNode {
  /** Name of one of ONNX's own operators. */
  readonly operator: string;
  /** Names of values; an empty name is an input that is left out. */
  readonly inputs: readonly string[];
  /** Names of the results. The first is the node's name as well. */
  readonly outputs: readonly [string, ...string[]];
  /** Those that differ from the operator's own defaults. @defaultValue none */
  readonly attributes?: OnnxAttributes;
}

/** Attributes of a node by name: integers, lists of integers, text, or a 32-bit float. */
export type OnnxAttributes = Readonly<Record<string, number | readonly number[] | string | { readonly float: number }>>;

/** A tensor of 32-bit floats that goes in or out. */
export interface OnnxValue {
  /** Name under which a caller gives or finds it. */
  readonly name: string;
  /** A size that is only known at run time is given by name. */
  readonly dims: readonly (number | string)[];
}

/** A network of one input. */
export interface OnnxGraph {
  /** Name of the network, for people who look at the file. */
  readonly name: string;
  /** Ordered so that every node comes after those that make its inputs. */
  readonly nodes: readonly OnnxNode[];
  /** In any order. */
  readonly constants: readonly OnnxConstant[];
  /** The only value that a caller gives. */
  readonly input: OnnxValue;
  /** The first value that a caller gets. */
  readonly output: OnnxValue;
  /** Outputs beside {@link output}. @defaultValue none */
  readonly moreOutputs?: readonly OnnxValue[];
}

/** Old enough for every ONNX Runtime in use, and new enough for the operators that are built here. */
const IR_VERSION = 8n;
const OPERATOR_SET = 13n;

/** An ONNX file of a graph; the same graph gives the same bytes. */
export const buildOnnx = (graph: OnnxGraph): Uint8Array => encodeOnnx(buildModel(graph));

/** The model that {@link buildOnnx} writes. */
export function buildModel({ name, nodes, constants, input, output, moreOutputs = [] }: OnnxGraph): OnnxModel {
  const graph = create(GraphProtoSchema, {
    name,
    node: nodes.map(nodeOf),
    initializer: constants.map(tensorOf),
    input: [valueOf(input)],
    output: [output, ...moreOutputs].map(valueOf),
  });
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'diptych',
    opsetImport: [{ domain: '', version: OPERATOR_SET }],
  });
  return Object.assign(model, { graph });
}

/**
 * Puts nodes behind those of a model, in place, with the constants that they need.
 *
 * @param outputs - what the model gives from now on, and nothing else
 */
export function extendModel(
  { graph }: OnnxModel,
  { nodes, constants, outputs }: Pick<OnnxGraph, 'nodes' | 'constants'> & { readonly outputs: readonly OnnxValue[] },
): void {
  const added = create(GraphProtoSchema, {
    node: nodes.map(nodeOf),
    initializer: constants.map(tensorOf),
    output: outputs.map(valueOf),
  });
  graph.node.push(...added.node);
  graph.initializer.push(...added.initializer);
  graph.output = added.output;
}

/**
 * Puts nodes in front of those of a model, in place, with the constants that they need.
 *
 * @param replaced - values that the other nodes take from now on, by the names of those that they took until now
 */
export function prependNodes(
  { graph }: OnnxModel,
  {
    nodes,
    constants,
    replaced,
  }: Pick<OnnxGraph, 'nodes' | 'constants'> & { readonly replaced: Readonly<Record<string, string>> },
): void {
  const added = create(GraphProtoSchema, { node: nodes.map(nodeOf), initializer: constants.map(tensorOf) });
  replaceInputs(graph.node, replaced);
  graph.node.unshift(...added.node);
  graph.initializer.push(...added.initializer);
}

function replaceInputs(nodes: readonly NodeProto[], replaced: Readonly<Record<string, string>>): void {
  for (const node of nodes) {
    node.input = node.input.map((name) => replaced[name] ?? name);
    for (const graph of subgraphsOf(node)) replaceInputs(graph.node, replaced);
  }
}

/** What a file says of the name and shape of a tensor of 32-bit floats. */
export const valueOf = ({ name, dims }: OnnxValue): MessageInitShape<typeof ValueInfoProtoSchema> => ({
  name,
  type: {
    tensorType: {
      elemType: ELEMENT_TYPE.float,
      shape: {
        dim: dims.map((side) => ({
          value:
            typeof side === 'number' ? { case: 'dimValue', value: BigInt(side) } : { case: 'dimParam', value: side },
        })),
      },
    },
  },
});

const nodeOf = ({
  operator,
  inputs,
  outputs,
  attributes = {},
}: OnnxNode): MessageInitShape<typeof NodeProtoSchema> => ({
  name: outputs[0],
  opType: operator,
  input: [...inputs],
  output: [...outputs],
  attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...attributeValue(value) })),
});

function attributeValue(value: OnnxAttributes[string]): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { i: BigInt(value), type: AttributeType.INT };
  if (typeof value === 'string') return { s: new TextEncoder().encode(value), type: AttributeType.STRING };
  if ('float' in value) return { f: value.float, type: AttributeType.FLOAT };
  return { ints: value.map(BigInt), type: AttributeType.INTS };
}

const tensorOf = (constant: OnnxConstant): TensorProto =>
  'floats' in constant
    ? floatTensor(constant.name, constant.dims, constant.floats)
    : integerTensor(constant.name, constant.dims, constant.integers.map(BigInt));
