import { clippedAt6 } from './tfjs-picture-operators.js';
import type { TfjsNode } from './tfjs-graph.js';
import type { TfjsValues } from './tfjs-values.js';

/** Operations of one argument that ONNX has as well, by TensorFlow's name. */
const UNARY = { Relu: 'Relu', Sigmoid: 'Sigmoid', Exp: 'Exp', Abs: 'Abs', Reciprocal: 'Reciprocal' } as const;

/** Those of two or more. */
const BINARY = {
  Add: 'Add',
  AddV2: 'Add',
  AddN: 'Sum',
  Sub: 'Sub',
  Mul: 'Mul',
  RealDiv: 'Div',
  Maximum: 'Max',
  Minimum: 'Min',
  Less: 'Less',
  Greater: 'Greater',
  GreaterEqual: 'GreaterOrEqual',
  Equal: 'Equal',
  LogicalAnd: 'And',
  Select: 'Where',
} as const;

type Operator = (node: TfjsNode, values: TfjsValues) => void;

/** Operations on each number by itself: the order of sides does not matter to them, so they keep it. */
export const ELEMENTWISE_OPERATORS: Readonly<Record<string, Operator>> = {
  ...tableOf(UNARY),
  ...tableOf(BINARY),

  Identity: (node, values) => keepForm(node, values, ([input]) => input!),
  Relu6: (node, values) => keepForm(node, values, ([input]) => clippedAt6(input!, values)),
  LeakyRelu: (node, values) =>
    keepForm(node, values, (inputs) => values.add('LeakyRelu', inputs, { alpha: { float: node.float('alpha') } })),

  SquaredDifference: (node, values) =>
    keepForm(node, values, (inputs) => {
      const difference = values.add('Sub', inputs);
      return values.add('Mul', [difference, difference]);
    }),

  FloorDiv: (node, values) =>
    keepForm(node, values, ([dividend, divisor]) => {
      if (node.type('T') === 'DT_FLOAT') return values.add('Floor', [values.add('Div', [dividend!, divisor!])]);
      // The remainder has the sign of the divisor, so that what is left divides evenly.
      const remainder = values.add('Mod', [dividend!, divisor!]);
      return values.add('Div', [values.add('Sub', [dividend!, remainder]), divisor!]);
    }),
};

function tableOf(names: Readonly<Record<string, string>>): Record<string, Operator> {
  const entries = Object.entries(names).map(([op, operator]): [string, Operator] => [
    op,
    (node, values) => keepForm(node, values, (inputs) => values.add(operator, inputs)),
  ]);
  return Object.fromEntries(entries);
}

/** Works on pictures with the channels second where all arguments are there in that form, else on the plain ones. */
function keepForm(node: TfjsNode, values: TfjsValues, make: (inputs: readonly string[]) => string): void {
  const isPlanar =
    node.inputs.some((input) => values.hasPlanar(input)) &&
    node.inputs.every((input) => values.hasPlanar(input) || isPerChannel(input, values));
  if (isPlanar) values.setPlanar(node.name, make(node.inputs.map((input) => planarOf(input, values))));
  else values.setPlain(node.name, make(node.inputs.map((input) => values.plain(input))));
}

/** One number for all of a picture, or one for each channel. */
const isPerChannel = (input: string, values: TfjsValues): boolean =>
  values.isConstant(input) && values.weight(input).shape.length <= 1;

function planarOf(input: string, values: TfjsValues): string {
  if (values.hasPlanar(input)) return values.planar(input);
  const { shape, data } = values.weight(input);
  return shape.length === 0 ? values.plain(input) : values.floats(Float32Array.from(data), [shape[0]!, 1, 1]);
}
