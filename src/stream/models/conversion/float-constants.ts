import { attributeOf } from '../../onnx/onnx-graph.js';
import { ELEMENT_TYPE, floatsOf, sizeOf } from '../../onnx/onnx-tensor.js';
import { type GraphProto, type NodeProto, type TensorProto } from '../../onnx/schema/onnx_pb.js';

/** A constant of 32-bit floats: an initializer, or the result of a `Constant` node. */
export interface FloatConstant {
  /** Empty for a scalar. */
  readonly dims: readonly number[];
  /** How many numbers it has. */
  readonly count: number;
  /**
   * Reads the numbers, in row-major order.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if they are not as many as the shape says.
   */
  readonly values: () => Float32Array;
}

/** All constants of 32-bit floats in a graph, by name. */
export function findFloatConstants(graph: GraphProto): ReadonlyMap<string, FloatConstant> {
  const initializers = graph.initializer.map((tensor) => [tensor.name, fromTensor(tensor)] as const);
  const nodes = graph.node
    .filter(({ opType }) => opType === 'Constant')
    .map((node) => [node.output[0] ?? '', fromNode(node)] as const);
  return new Map([...initializers, ...nodes].flatMap(([name, found]) => (found === undefined ? [] : [[name, found]])));
}

function fromTensor(tensor: TensorProto): FloatConstant | undefined {
  if (tensor.dataType !== ELEMENT_TYPE.float) return undefined;
  return { dims: tensor.dims.map(Number), count: sizeOf(tensor), values: () => floatsOf(tensor) };
}

/** A `Constant` gives a tensor, or numbers without a tensor around them. */
function fromNode(node: NodeProto): FloatConstant | undefined {
  const tensor = attributeOf(node, 'value')?.t;
  if (tensor !== undefined) return fromTensor(tensor);
  const one = attributeOf(node, 'value_float')?.f;
  if (one !== undefined) return { dims: [], count: 1, values: () => Float32Array.of(one) };
  const list = attributeOf(node, 'value_floats')?.floats;
  return list && { dims: [list.length], count: list.length, values: () => Float32Array.from(list) };
}
