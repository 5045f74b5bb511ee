import { ProtobufWriter } from './protobuf-writer.js';

/** A constant of a graph. */
export type OnnxConstant =
  | { readonly name: string; readonly dims: readonly number[]; readonly floats: Float32Array }
  | { readonly name: string; readonly dims: readonly number[]; readonly integers: readonly number[] };

/** One operation; its attributes are whole numbers, lists of them, or text. */
export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  /** The first is the node's name, too. */
  readonly outputs: readonly [string, ...string[]];
  readonly attributes?: OnnxAttributes;
}

export type OnnxAttributes = Readonly<Record<string, number | readonly number[] | string>>;

/** A 32-bit float tensor that goes in or out; a side that is only known at run time has a name. */
export interface OnnxValue {
  readonly name: string;
  readonly dims: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  /** In an order in which each one's inputs are made before it. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly input: OnnxValue;
  readonly output: OnnxValue;
  /** Where there is more than one. */
  readonly moreOutputs?: readonly OnnxValue[];
}

/** What every ONNX Runtime of the last years reads. */
const IR_VERSION = 8;
const OPERATOR_SET = 13;

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

/**
 * The bytes of an ONNX file; the same graph always gives the same bytes.
 *
 * Source of the field numbers: onnx/onnx.proto (IR version 8).
 */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .text(2, 'diptych')
    .message(7, (message) => writeGraph(message, graph))
    .message(8, (operatorSet) => operatorSet.text(1, '').integer(2, OPERATOR_SET))
    .finish();
}

function writeGraph(
  message: ProtobufWriter,
  { name, nodes, constants, input, output, moreOutputs = [] }: OnnxGraph,
): void {
  for (const node of nodes) message.message(1, (inner) => writeNode(inner, node));
  message.text(2, name);
  for (const constant of constants) message.message(5, (inner) => writeConstant(inner, constant));
  message.message(11, (inner) => writeValue(inner, input));
  for (const value of [output, ...moreOutputs]) message.message(12, (inner) => writeValue(inner, value));
}

function writeNode(message: ProtobufWriter, { operator, inputs, outputs, attributes = {} }: OnnxNode): void {
  for (const input of inputs) message.text(1, input);
  for (const output of outputs) message.text(2, output);
  message.text(3, outputs[0]).text(4, operator);
  for (const [name, value] of Object.entries(attributes)) {
    message.message(5, (attribute) => {
      attribute.text(1, name);
      if (typeof value === 'number') attribute.integer(3, value).integer(20, ATTRIBUTE_INT);
      else if (typeof value === 'string') attribute.text(4, value).integer(20, ATTRIBUTE_STRING);
      else {
        for (const each of value) attribute.integer(8, each);
        attribute.integer(20, ATTRIBUTE_INTS);
      }
    });
  }
}

function writeConstant(message: ProtobufWriter, constant: OnnxConstant): void {
  for (const side of constant.dims) message.integer(1, side);
  message.integer(2, 'floats' in constant ? FLOAT : INT64).text(8, constant.name);
  message.bytes(9, 'floats' in constant ? floatBytes(constant.floats) : integerBytes(constant.integers));
}

function writeValue(message: ProtobufWriter, { name, dims }: OnnxValue): void {
  message.text(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.integer(1, FLOAT).message(2, (shape) => {
        for (const side of dims) {
          shape.message(1, (dim) => (typeof side === 'number' ? dim.integer(1, side) : dim.text(2, side)));
        }
      }),
    ),
  );
}

/** Little-endian whatever the machine is. */
function floatBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setFloat32(i * 4, value, true));
  return bytes;
}

function integerBytes(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setBigInt64(i * 8, BigInt(value), true));
  return bytes;
}
