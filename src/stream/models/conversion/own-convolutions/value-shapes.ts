import { integerAttribute, isStandard, networkInputs, shapeOf } from '../../../onnx/onnx-graph.js';
import type { GraphProto, NodeProto, TensorProto } from '../../../onnx/schema/onnx_pb.js';
import { numbersOf, wholeNumbersOf } from './graph-constants.js';
import { paddingOf } from './padding.js';
import { numbers, sidesAfter, windowOf, type Shape, type Side } from './sliding-window.js';

/** What a node's shapes follow from. */
interface Known {
  readonly constants: ReadonlyMap<string, TensorProto>;
  readonly shapes: Map<string, Shape>;
  readonly operatorSet: number;
}

/** Shapes of a node's outputs; shorter, or with gaps, where they cannot be told. */
type Rule = (node: NodeProto, inputs: readonly (Shape | undefined)[], known: Known) => readonly (Shape | undefined)[];

const sameAsFirst: Rule = (_, [first]) => [first];
const broadcast: Rule = ({ output }, inputs) => [joined(inputs, output[0] ?? '')];

const convolution: Rule = (node, [input], { constants }) => {
  const filters = constants.get(node.input[1] ?? '')?.dims.map(Number);
  const window = filters && windowOf(node, filters.slice(2), input);
  if (window === undefined || input?.length !== 4) return [];
  return [[input[0]!, filters![0]!, ...sidesAfter([input[2]!, input[3]!], window)]];
};

const pooling: Rule = (node, [input]) => {
  const window = windowOf(node, numbers(node, 'kernel_shape') ?? [], input);
  if (window === undefined || input?.length !== 4 || integerAttribute(node, 'ceil_mode') === 1) return [];
  return [[input[0]!, input[1]!, ...sidesAfter([input[2]!, input[3]!], window)]];
};

const concatenation: Rule = (node, inputs) => {
  const [first] = inputs;
  const axis = axisOf(node, first);
  const parts = inputs.map((shape) => shape?.[axis]);
  if (first === undefined || !parts.every((side) => typeof side === 'number')) return [];
  return [
    first.with(
      axis,
      parts.reduce((sum, side) => sum + side, 0),
    ),
  ];
};

const split: Rule = (node, [input], { constants }) => {
  const axis = axisOf(node, input);
  const whole = input?.[axis];
  const given = numbers(node, 'split') ?? wholeNumbersOf(constants.get(node.input[1] ?? ''));
  const count = node.output.length;
  if (input === undefined || typeof whole !== 'number' || (!given && whole % count !== 0)) return [];
  return node.output.map((_, i) => input.with(axis, given?.[i] ?? whole / count));
};

const transposition: Rule = (node, [input]) => {
  const order = numbers(node, 'perm') ?? input?.map((_, i) => i).reverse();
  return [input && order?.map((axis) => input[axis]!)];
};

const padding: Rule = (node, [input], { constants, operatorSet }) => {
  const found = paddingOf(node, constants, operatorSet);
  if (found === undefined || input?.length !== found.before.length) return [];
  const added = found.before.map((before, axis) => before + found.after[axis]!);
  const isTold = added.every((more, axis) => more === 0 || typeof input[axis] === 'number');
  return isTold ? [input.map((side, axis) => (typeof side === 'number' ? side + added[axis]! : side))] : [];
};

const resizing: Rule = (node, [input], { constants }) => {
  const sizes = wholeNumbersOf(constants.get(node.input[3] ?? ''));
  if (sizes) return [sizes];
  const tensor = constants.get(node.input[2] ?? '');
  const scales = tensor && numbersOf(tensor);
  if (input === undefined || scales?.length !== input.length) return [];
  return [input.map((side, axis) => scaled(side, scales[axis]!))];
};

const filled: Rule = (node, _, { constants }) => [wholeNumbersOf(constants.get(node.input[0] ?? ''))];

const RULES: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    ['Relu', 'LeakyRelu', 'PRelu', 'Clip', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Softmax', 'Cast', 'Identity']
      .concat(['BatchNormalization', 'Abs', 'Exp', 'Neg', 'Sqrt', 'Elu', 'Dropout'])
      .map((name) => [name, sameAsFirst]),
  ),
  ...Object.fromEntries(
    ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean'].map((name) => [name, broadcast]),
  ),
  Conv: convolution,
  MaxPool: pooling,
  AveragePool: pooling,
  Concat: concatenation,
  Split: split,
  Transpose: transposition,
  Pad: padding,
  Resize: resizing,
  ConstantOfShape: filled,
};

/**
 * Follows shapes through a graph whose nodes are in order, as far as the operators between a network's convolutions
 * need it. What a file says of values in between is not believed: it may be of another size of batch.
 *
 * @returns by name; values whose number of sizes is not known are left out
 */
export function inferShapes(
  graph: GraphProto,
  constants: ReadonlyMap<string, TensorProto>,
  operatorSet: number,
): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>([...constants].map(([name, { dims }]) => [name, dims.map(Number)]));
  for (const input of networkInputs(graph)) {
    const shape = shapeOf(input);
    if (shape)
      shapes.set(
        input.name,
        shape.map((side, axis) => (isTold(side) ? side : unknownSide(input.name, axis))),
      );
  }
  const known: Known = { constants, shapes, operatorSet };
  for (const node of graph.node) {
    const rule = isStandard(node) && Object.hasOwn(RULES, node.opType) ? RULES[node.opType] : undefined;
    const found =
      rule?.(
        node,
        node.input.map((name) => shapes.get(name)),
        known,
      ) ?? [];
    for (const [i, shape] of found.entries()) if (shape && node.output[i]) shapes.set(node.output[i], shape);
  }
  return shapes;
}

/** The shape that several values have together. One that is not known may be 1 where another is more. */
function joined(inputs: readonly (Shape | undefined)[], name: string): Shape | undefined {
  const known = inputs.filter((shape) => shape !== undefined);
  const count = Math.max(...known.map(({ length }) => length));
  if (known.length === 0) return undefined;
  return Array.from({ length: count }, (_, axis) => {
    const sides = known.map((shape) => shape[axis - count + shape.length] ?? 1);
    const larger = sides.find((side) => typeof side === 'number' && side > 1);
    const rest = new Set(sides.filter((side) => side !== 1));
    if (larger !== undefined) return larger;
    if (known.length < inputs.length || rest.size > 1) return unknownSide(name, axis);
    return [...rest][0] ?? 1;
  });
}

function scaled(side: Side, scale: number): Side {
  if (scale === 1) return side;
  return typeof side === 'number' ? Math.floor(side * scale) : `⌊${side} × ${scale}⌋`;
}

function axisOf(node: NodeProto, shape: Shape | undefined): number {
  const axis = integerAttribute(node, 'axis') ?? 0;
  return axis < 0 ? axis + (shape?.length ?? 0) : axis;
}

/** A file may give a size that is only known at run time as 0 or −1 as well. */
const isTold = (side: Side | undefined): side is Side => typeof side === 'string' || (side !== undefined && side > 0);

const unknownSide = (name: string, axis: number): string => `${name}[${axis}]`;
