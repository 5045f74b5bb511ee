import { attributeOf, capturedBy, elementTypeOf, integerAttribute, subgraphsOf } from '../../onnx/onnx-graph.js';
import { ELEMENT_TYPE } from '../../onnx/onnx-tensor.js';
import type { GraphProto, NodeProto } from '../../onnx/schema/onnx_pb.js';

/** What is known of the values of a graph, by name. */
export interface ValueFacts {
  /** Tensors of 32-bit floats. */
  readonly floats: ReadonlySet<string>;
  /** Values that depend on the numbers of the inputs; all others depend on shapes and constants only. */
  readonly data: ReadonlySet<string>;
}

const { float: FLOAT, bool: BOOL, int64: INT64, int32: INT32, uint8: UINT8 } = ELEMENT_TYPE;

/** Operators whose result is of one type whatever goes in, by output; the last counts for all behind it. */
const RESULT_TYPES: Readonly<Record<string, readonly number[]>> = {
  ...Object.fromEntries(
    ['Shape', 'Size', 'NonZero', 'ArgMax', 'ArgMin', 'NonMaxSuppression'].map((name) => [name, [INT64]]),
  ),
  ...Object.fromEntries(
    ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Xor', 'Not', 'IsNaN', 'IsInf'].map(
      (name) => [name, [BOOL]],
    ),
  ),
  ConvInteger: [INT32],
  MatMulInteger: [INT32],
  DequantizeLinear: [FLOAT],
  QuantizeLinear: [UINT8],
  DynamicQuantizeLinear: [UINT8, FLOAT, UINT8],
};

/** Operators whose further results are of another type than the first. */
const FURTHER_TYPES: Readonly<Record<string, number>> = {
  TopK: INT64,
  MaxPool: INT64,
  Unique: INT64,
  Dropout: BOOL,
};

/** Operators whose result's type is that of an input other than the first. */
const TYPE_INPUT: Readonly<Record<string, number>> = { Where: 1, OneHot: 2, CastLike: 1 };

/** Operators whose type an attribute says; floats without it. */
const TYPE_ATTRIBUTE: Readonly<Record<string, string>> = {
  Cast: 'to',
  EyeLike: 'dtype',
  RandomNormal: 'dtype',
  RandomNormalLike: 'dtype',
  RandomUniform: 'dtype',
  RandomUniformLike: 'dtype',
  Bernoulli: 'dtype',
};

/** Operators that look at the shape of what they are given, not at the numbers. */
export const SHAPE_READERS: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** Follows types and dependence through a graph whose nodes are in order. */
export function examineValues(graph: GraphProto): ValueFacts {
  const constants = new Set(graph.initializer.map(({ name }) => name));
  const types = new Map(graph.initializer.map(({ name, dataType }) => [name, dataType]));
  const data = new Set<string>();
  for (const value of [...graph.valueInfo, ...graph.output, ...graph.input]) {
    const type = elementTypeOf(value);
    if (type !== undefined && !constants.has(value.name)) types.set(value.name, type);
  }
  for (const { name } of graph.input) if (!constants.has(name)) data.add(name);

  for (const node of graph.node) {
    const inputs = [...node.input, ...capturedBy(node)];
    const isData = !SHAPE_READERS.has(node.opType) && inputs.some((name) => data.has(name));
    for (const [i, name] of node.output.entries()) {
      if (isData) data.add(name);
      const type = types.get(name) ?? typeFromSubgraph(node, i) ?? resultType(node, i, types);
      if (type !== undefined) types.set(name, type);
    }
  }
  const floats = [...types].filter(([name, type]) => name !== '' && type === FLOAT).map(([name]) => name);
  return { floats: new Set(floats), data };
}

/** The graph of a branch or loop says what it gives; a loop's own first output is whether to go on. */
function typeFromSubgraph(node: NodeProto, output: number): number | undefined {
  const skipped = node.opType === 'Loop' ? 1 : 0;
  const value = subgraphsOf(node)[0]?.output[output + skipped];
  return value && elementTypeOf(value);
}

function resultType(node: NodeProto, output: number, types: ReadonlyMap<string, number>): number | undefined {
  const { opType, input } = node;
  if (opType === 'Constant') return typeOfConstant(node);
  if (opType === 'ConstantOfShape') return attributeOf(node, 'value')?.t?.dataType ?? FLOAT;
  const fixed = RESULT_TYPES[opType];
  if (fixed !== undefined) return fixed[Math.min(output, fixed.length - 1)];
  if (output > 0 && FURTHER_TYPES[opType] !== undefined) return FURTHER_TYPES[opType];
  const attribute = TYPE_ATTRIBUTE[opType];
  const ofAttribute = attribute === undefined ? undefined : integerAttribute(node, attribute);
  if (ofAttribute !== undefined) return ofAttribute;
  if (attribute !== undefined && !opType.endsWith('Like') && opType !== 'Bernoulli') return FLOAT;
  const like = input[TYPE_INPUT[opType] ?? 0];
  return like === undefined ? undefined : types.get(like);
}

function typeOfConstant(node: NodeProto): number | undefined {
  const isFloat = ['value_float', 'value_floats'].some((name) => attributeOf(node, name) !== undefined);
  return isFloat ? FLOAT : attributeOf(node, 'value')?.t?.dataType;
}
