import type { FloatConstant } from './float-constants.js';
import { FLOAT16_MAX, FLOAT16_MIN_NORMAL } from './float16.js';
import { capturedBy, isStandard, subgraphsOf } from '../../onnx/onnx-graph.js';
import { SHAPE_READERS, type ValueFacts } from './onnx-values.js';
import type { NodeProto } from '../../onnx/schema/onnx_pb.js';

/** Operators that do most of the work, and that 16 bits make faster. */
const WEIGHTED = new Set(['Conv', 'ConvTranspose', 'DeformConv', 'Gemm', 'MatMul', 'Einsum', 'LSTM', 'GRU', 'RNN']);

/**
 * Operators that only move numbers, or that a runtime merges into the one before them. Behind the
 * last weights they stay with 16 bits, as long as nothing has been computed with 32 yet.
 */
const CARRYING = new Set([
  ...['Reshape', 'Transpose', 'Concat', 'Split', 'Slice', 'Squeeze', 'Unsqueeze', 'Flatten', 'Gather', 'Identity'],
  ...['Pad', 'Expand', 'Tile', 'DepthToSpace', 'SpaceToDepth', 'Resize', 'Upsample', 'Dropout'],
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'Relu', 'LeakyRelu', 'PRelu', 'Clip'],
]);

/**
 * Operators that have no 16-bit form on a GPU, or whose sums exceed what 16 bits hold. Operators
 * that are not ONNX's own, and those with a graph inside, stay with 32 bits as well.
 */
const FLOAT_ONLY = new Set([
  ...['NonMaxSuppression', 'RoiAlign', 'GridSample', 'Range', 'CumSum', 'Det', 'Multinomial', 'Hardmax', 'LRN'],
  ...['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Bernoulli', 'EyeLike'],
  ...['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear'],
  ...['ReduceL2', 'ReduceSumSquare', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceProd', 'LpNormalization', 'LpPool'],
]);

/** Indices of inputs that are 32-bit floats in ONNX, whatever the node computes with. */
const FLOAT_INPUTS: Readonly<Record<string, readonly number[]>> = { Resize: [1, 2], Upsample: [1] };

/** Operators whose meaning changes if 16 bits don't hold their only constant. */
const ARITHMETIC = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow']);
const VARIANCE_INPUT = 4;

/** Whether ONNX wants 32-bit floats at that input of a node, even if the node computes with 16 bits. */
export const isFloatInput = ({ opType }: NodeProto, index: number): boolean =>
  FLOAT_INPUTS[opType]?.includes(index) ?? false;

/**
 * The nodes that a conversion to 16 bits leaves as they are: those that have to compute with 32
 * bits, those that do not handle floats of the inputs at all, and those behind the last weights
 * that compute.
 *
 * @param nodes - in order: each after those that make its inputs
 */
export function nodesKeptInFloat(
  nodes: readonly NodeProto[],
  facts: ValueFacts,
  constants: ReadonlyMap<string, FloatConstant>,
): ReadonlySet<NodeProto> {
  const beforeWeights = valuesBeforeWeights(nodes);
  const isFloatData = (name: string): boolean => facts.floats.has(name) && facts.data.has(name);
  const kept = new Set<NodeProto>();
  const halfMade = new Set<string>();
  const floatMade = new Set<string>();
  for (const node of nodes) {
    const { opType, input, output } = node;
    const isFloatWork = !SHAPE_READERS.has(opType) && [...input, ...output].some(isFloatData);
    const isTail = !WEIGHTED.has(opType) && !output.some((name) => beforeWeights.has(name));
    const carriesHalf =
      CARRYING.has(opType) && input.some((name) => halfMade.has(name)) && !input.some((name) => floatMade.has(name));
    const isKept = !isFloatWork || isFloatOnly(node, constants) || (isTail && !carriesHalf);
    if (isKept) kept.add(node);
    for (const name of output) if (isFloatData(name)) (isKept ? floatMade : halfMade).add(name);
  }
  return kept;
}

/** Values that a node with weights comes after. */
function valuesBeforeWeights(nodes: readonly NodeProto[]): ReadonlySet<string> {
  const before = new Set<string>();
  for (const node of [...nodes].reverse()) {
    if (WEIGHTED.has(node.opType) || node.output.some((name) => before.has(name))) {
      for (const name of [...node.input, ...capturedBy(node)]) before.add(name);
    }
  }
  return before;
}

function isFloatOnly(node: NodeProto, constants: ReadonlyMap<string, FloatConstant>): boolean {
  const { opType, input } = node;
  if (!isStandard(node) || FLOAT_ONLY.has(opType) || subgraphsOf(node).length > 0) return true;
  if (opType === 'BatchNormalization') {
    const variance = constants.get(input[VARIANCE_INPUT] ?? '')?.values();
    return variance?.some((value) => losesDigits(value) || value > FLOAT16_MAX) ?? false;
  }
  if (!ARITHMETIC.has(opType)) return false;
  return input.some((name) => {
    const constant = constants.get(name);
    if (constant?.count !== 1) return false;
    const magnitude = Math.abs(constant.values()[0]!);
    return losesDigits(magnitude) || (magnitude > FLOAT16_MAX && magnitude !== Infinity);
  });
}

/** Whether a number ≥ 0 is so small that 16 bits hold fewer of its digits, or none. */
const losesDigits = (magnitude: number): boolean => magnitude > 0 && magnitude < FLOAT16_MIN_NORMAL;
