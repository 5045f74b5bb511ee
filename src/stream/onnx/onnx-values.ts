import { ELEMENT_TYPE, type OnnxGraphPart, type OnnxModelNode } from './onnx-model.js';

/** What is known of the values that flow in a graph, by name. */
export interface ValueFacts {
  /** Tensors of 32-bit floats. */
  readonly floats: ReadonlySet<string>;
  /** What the numbers that go in have an effect on; the rest depends on shapes and constants only. */
  readonly data: ReadonlySet<string>;
}

const { float, bool, int64, int32, uint8 } = ELEMENT_TYPE;

/** Operators whose result is of one type whatever goes in, by output; the last counts for all behind it. */
const RESULT_TYPES: Readonly<Record<string, readonly (number | undefined)[]>> = {
  ...Object.fromEntries(
    ['Shape', 'Size', 'NonZero', 'ArgMax', 'ArgMin', 'NonMaxSuppression'].map((name) => [name, [int64]]),
  ),
  ...Object.fromEntries(
    ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Xor', 'Not', 'IsNaN', 'IsInf'].map(
      (name) => [name, [bool]],
    ),
  ),
  ConvInteger: [int32],
  MatMulInteger: [int32],
  DequantizeLinear: [float],
  QuantizeLinear: [uint8],
  DynamicQuantizeLinear: [uint8, float, uint8],
};

/** Operators whose further results are of another type than the first. */
const FURTHER_TYPES: Readonly<Record<string, number>> = { TopK: int64, MaxPool: int64, Unique: int64, Dropout: bool };

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
export function examineValues(graph: OnnxGraphPart): ValueFacts {
  const constants = new Set(graph.initializers.map(({ name }) => name));
  const types = new Map<string, number>(graph.initializers.map(({ name, type }) => [name, type]));
  const data = new Set<string>();
  const declared = [...graph.valueInfo, ...graph.outputs];
  for (const { name, elementType } of [...declared, ...graph.inputs]) {
    if (elementType !== undefined && !constants.has(name)) types.set(name, elementType);
  }
  for (const { name } of graph.inputs) if (!constants.has(name)) data.add(name);

  for (const node of graph.nodes) {
    const inputs = [...node.inputs, ...node.subgraphs.flatMap(({ captured }) => [...captured])];
    const isData = !SHAPE_READERS.has(node.operator) && inputs.some((name) => data.has(name));
    for (const [i, name] of node.outputs.entries()) {
      if (isData) data.add(name);
      const type = types.get(name) ?? typeFromSubgraph(node, i) ?? resultType(node, i, types);
      if (type !== undefined) types.set(name, type);
    }
  }
  const floats = [...types].filter(([name, type]) => name !== '' && type === float).map(([name]) => name);
  return { floats: new Set(floats), data };
}

/** What a branch or loop gives, its graph says; a loop's own first output is whether to go on. */
function typeFromSubgraph(node: OnnxModelNode, output: number): number | undefined {
  const skipped = node.operator === 'Loop' ? 1 : 0;
  return node.subgraphs[0]?.outputs[output + skipped]?.elementType;
}

function resultType(node: OnnxModelNode, output: number, types: ReadonlyMap<string, number>): number | undefined {
  const { operator, inputs } = node;
  if (operator === 'Constant') {
    if (node.floatsOfConstant !== undefined) return float;
    return node.tensorAttribute('value')?.type;
  }
  if (operator === 'ConstantOfShape') return node.tensorAttribute('value')?.type ?? float;
  const fixed = RESULT_TYPES[operator];
  if (fixed !== undefined) return fixed[Math.min(output, fixed.length - 1)];
  if (output > 0 && FURTHER_TYPES[operator] !== undefined) return FURTHER_TYPES[operator];
  const attribute = TYPE_ATTRIBUTE[operator];
  const ofAttribute = attribute === undefined ? undefined : node.integerAttribute(attribute);
  if (ofAttribute !== undefined) return ofAttribute;
  if (attribute !== undefined && !operator.endsWith('Like') && operator !== 'Bernoulli') return float;
  const input = inputs[TYPE_INPUT[operator] ?? 0];
  return input === undefined ? undefined : types.get(input);
}
