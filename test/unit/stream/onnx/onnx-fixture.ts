import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  buildModel,
  valueOf,
  type OnnxConstant,
  type OnnxGraph,
  type OnnxNode,
  type OnnxValue,
} from '#src/stream/onnx/onnx-builder.js';
import { decodeOnnx, encodeOnnx, type OnnxModel } from '#src/stream/onnx/onnx-file.js';
import { ELEMENT_TYPE } from '#src/stream/onnx/onnx-tensor.js';
import {
  AttributeProto_AttributeType as AttributeType,
  NodeProtoSchema,
  ValueInfoProtoSchema,
  type ValueInfoProto,
} from '#src/stream/onnx/schema/onnx_pb.js';

/** A node as the file has it. */
export type RawNode = MessageInitShape<typeof NodeProtoSchema>;

export interface Fixture extends Omit<OnnxGraph, 'name' | 'nodes' | 'constants'> {
  readonly nodes: readonly OnnxNode[];
  readonly constants?: readonly OnnxConstant[];
  /** Written behind the one that the graph has. */
  readonly furtherOutputs?: readonly OnnxValue[];
  /** What the file says of values in between. */
  readonly between?: readonly OnnxValue[];
  /** Constants that the file lists as inputs, too, as IR version 3 wants it. */
  readonly listed?: readonly OnnxValue[];
  /** Nodes that the builder does not know, put before the others. */
  readonly rawNodes?: readonly RawNode[];
}

/** A model file of a few nodes. */
export function fixture({
  furtherOutputs = [],
  between = [],
  listed = [],
  rawNodes = [],
  ...rest
}: Fixture): OnnxModel {
  const model = buildModel({ name: 'fixture', constants: [], ...rest });
  const { graph } = model;
  graph.output.push(...furtherOutputs.map(valueInfo));
  graph.valueInfo.push(...between.map(valueInfo));
  graph.input.push(...listed.map(valueInfo));
  if (listed.length > 0) model.irVersion = 3n;
  graph.node.unshift(...rawNodes.map((node) => create(NodeProtoSchema, node)));
  return decodeOnnx(encodeOnnx(model), 'fixture.onnx');
}

const valueInfo = (value: OnnxValue): ValueInfoProto => create(ValueInfoProtoSchema, valueOf(value));

/** A `Constant` that gives a tensor of 32-bit floats, whose numbers are written as numbers. */
export const constantNode = (output: string, values: readonly number[]): RawNode => ({
  output: [output],
  opType: 'Constant',
  attribute: [
    {
      name: 'value',
      t: { dims: [BigInt(values.length)], dataType: ELEMENT_TYPE.float, floatData: [...values] },
      type: AttributeType.TENSOR,
    },
  ],
});

/** A node that gives `condition ? value : −value`, whose branches take `value` from outside. */
export const choiceNode = (condition: string, value: string, output: string): RawNode => {
  const branch = (operator: string) => ({
    name: operator,
    node: [{ input: [value], output: [`${operator}_out`], opType: operator }],
    output: [valueOf({ name: `${operator}_out`, dims: ['n', 1] })],
  });
  return {
    input: [condition],
    output: [output],
    opType: 'If',
    attribute: [
      { name: 'then_branch', g: branch('Identity'), type: AttributeType.GRAPH },
      { name: 'else_branch', g: branch('Neg'), type: AttributeType.GRAPH },
    ],
  };
};

/** What stands in a graph, in order: operator, inputs, outputs. */
export const nodesOf = (model: OnnxModel): string[] =>
  model.graph.node.map(({ opType, input, output }) => `${opType} ${input.join(' ')} → ${output.join(' ')}`);

/** A copy that shares nothing with the model. */
export const copyOf = (model: OnnxModel): OnnxModel => decodeOnnx(encodeOnnx(model), 'copy.onnx');
