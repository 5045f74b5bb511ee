import {
  encodeOnnx,
  type OnnxConstant,
  type OnnxGraph,
  type OnnxNode,
  type OnnxValue,
} from '#src/stream/onnx/onnx-writer.js';
import { OnnxModel } from '#src/stream/onnx/onnx-model.js';
import { ProtobufMessage } from '#src/stream/onnx/protobuf-message.js';
import type { ProtobufWriter } from '#src/stream/onnx/protobuf-writer.js';

// Field numbers of onnx/onnx.proto.
const GRAPH_OF_MODEL = 7;
const IR_VERSION_OF_MODEL = 1;
const NODES = 1;
const INPUTS = 11;
const OUTPUTS = 12;
const VALUE_INFO = 13;
const FLOAT = 1;

export interface Fixture extends Omit<OnnxGraph, 'name' | 'nodes' | 'constants'> {
  readonly nodes: readonly OnnxNode[];
  readonly constants?: readonly OnnxConstant[];
  /** Written behind the one that the graph has. */
  readonly furtherOutputs?: readonly OnnxValue[];
  /** What the file says of values in between. */
  readonly between?: readonly OnnxValue[];
  /** Constants that the file lists as inputs, too, as IR version 3 wants it. */
  readonly listed?: readonly OnnxValue[];
  /** Nodes that the writer does not know, put before the others. */
  readonly rawNodes?: readonly ((node: ProtobufWriter) => void)[];
}

/** A model file of a few nodes. */
export function fixture({
  furtherOutputs = [],
  between = [],
  listed = [],
  rawNodes = [],
  ...graph
}: Fixture): OnnxModel {
  const bytes = encodeOnnx({ name: 'fixture', constants: [], ...graph });
  const model = ProtobufMessage.decode(bytes);
  const message = model.message(GRAPH_OF_MODEL)!;
  const append = (field: number, values: readonly OnnxValue[]): void =>
    message.replaceMessages(field, [...message.messages(field), ...values.map(valueInfo)]);
  append(OUTPUTS, furtherOutputs);
  if (between.length > 0) append(VALUE_INFO, between);
  if (listed.length > 0) {
    append(INPUTS, listed);
    model.replace(IR_VERSION_OF_MODEL, (writer) => writer.integer(IR_VERSION_OF_MODEL, 3));
  }
  if (rawNodes.length > 0) {
    message.replaceMessages(NODES, [...rawNodes.map((write) => ProtobufMessage.of(write)), ...message.messages(NODES)]);
  }
  return OnnxModel.decode(model.encode(), 'fixture.onnx');
}

const valueInfo = ({ name, dims }: OnnxValue): ProtobufMessage =>
  ProtobufMessage.of((value) => writeValue(value, name, dims));

function writeValue(value: ProtobufWriter, name: string, dims: OnnxValue['dims']): void {
  value.text(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.integer(1, FLOAT).message(2, (shape) => {
        for (const side of dims) {
          shape.message(1, (dim) => (typeof side === 'number' ? dim.integer(1, side) : dim.text(2, side)));
        }
      }),
    ),
  );
}

/** A `Constant` that gives a tensor of 32-bit floats. */
export const constantNode =
  (output: string, values: readonly number[]) =>
  (node: ProtobufWriter): void => {
    node
      .text(2, output)
      .text(4, 'Constant')
      .message(5, (attribute) =>
        attribute
          .text(1, 'value')
          .message(5, (tensor) => {
            tensor.integer(1, values.length).integer(2, FLOAT);
            for (const value of values) tensor.float(4, value);
          })
          .integer(20, 4),
      );
  };

/** A node that gives `condition ? value : −value`, whose branches take `value` from outside. */
export const choiceNode =
  (condition: string, value: string, output: string) =>
  (node: ProtobufWriter): void => {
    const branch = (operator: string) => (graph: ProtobufWriter) =>
      graph
        .message(1, (inner) => inner.text(1, value).text(2, `${operator}_out`).text(4, operator))
        .text(2, operator)
        .message(12, (result) => writeValue(result, `${operator}_out`, ['n', 1]));
    node
      .text(1, condition)
      .text(2, output)
      .text(4, 'If')
      .message(5, (attribute) => attribute.text(1, 'then_branch').message(6, branch('Identity')).integer(20, 5))
      .message(5, (attribute) => attribute.text(1, 'else_branch').message(6, branch('Neg')).integer(20, 5));
  };

/** What stands in a graph, in order: operator, inputs, outputs. */
export const nodesOf = (model: OnnxModel): string[] =>
  model.graph.nodes.map(({ operator, inputs, outputs }) => `${operator} ${inputs.join(' ')} → ${outputs.join(' ')}`);
