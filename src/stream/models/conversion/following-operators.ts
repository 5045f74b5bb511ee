import { attributeOf } from '../../onnx/onnx-graph.js';
import type { NodeProto, TensorProto } from '../../onnx/schema/onnx_pb.js';
import { numbersOf } from './convolution-weights.js';
import type { ValueUses } from './value-uses.js';

/** What becomes of the sums of a convolution; the numbers are those of native/kernels/conv_params.h. */
export const ACTIVATION = { none: 0, relu: 1, silu: 2, slope: 3, relu6: 4 } as const;
/** Where something else is added to them. */
export const RESIDUAL = { none: 0, before: 1, after: 2 } as const;

/** What follows a convolution and is done with it. */
export interface Following {
  /** Nodes that are left out, in the order of the graph. */
  readonly nodes: readonly NodeProto[];
  /** Name of the value that comes out in the end. */
  readonly output: string;
  /** One number a filter, added to the sums; absent where nothing is. */
  readonly bias?: Float32Array;
  readonly activation: number;
  /** Of negative numbers, one a filter; only with the activation `slope`. */
  readonly slope?: Float32Array;
  readonly residual: number;
  /** Name of the value that is added. */
  readonly added?: string;
}

/** What is known of the graph. */
export interface Surroundings {
  readonly uses: ValueUses;
  readonly constants: ReadonlyMap<string, TensorProto>;
  /** Whether a node is done with another convolution already. */
  readonly isTaken: (node: NodeProto) => boolean;
}

type Step = (following: Following, filters: number, surroundings: Surroundings) => Following | undefined;

/**
 * Follows what comes out of a convolution as long as one kernel can do it: a bias of its own, an activation, and what is
 * added before or after that.
 *
 * @param output - of the convolution
 * @param hasBias - whether the convolution has one itself
 */
export function followConvolution(
  output: string,
  { filters, hasBias }: { readonly filters: number; readonly hasBias: boolean },
  surroundings: Surroundings,
): Following {
  let following: Following = { nodes: [], output, activation: ACTIVATION.none, residual: RESIDUAL.none };
  for (const step of [...(hasBias ? [] : [withBias]), withAdded, withActivation, withAdded]) {
    following = step(following, filters, surroundings) ?? following;
  }
  return following;
}

const withBias: Step = (following, filters, { uses, constants, isTaken }) => {
  const node = uses.onlyUserOf(following.output, 'Add');
  const other = node && constants.get(otherInput(node, following.output));
  if (node === undefined || other === undefined || isTaken(node)) return undefined;
  const bias = perFilter(other, filters);
  return bias && { ...following, ...behind(following, node), bias };
};

/** Of the same size, which is seen when it is computed. */
const withAdded: Step = (following, _filters, { uses, constants, isTaken }) => {
  const node = uses.onlyUserOf(following.output, 'Add');
  if (following.residual !== RESIDUAL.none || node === undefined || isTaken(node)) return undefined;
  const added = otherInput(node, following.output);
  if (added === following.output || constants.has(added)) return undefined;
  const residual = following.activation === ACTIVATION.none ? RESIDUAL.before : RESIDUAL.after;
  return { ...following, ...behind(following, node), residual, added };
};

const withActivation: Step = (following, filters, surroundings) => {
  const { uses, constants } = surroundings;
  const { output } = following;
  const users = uses.usersOf(output) ?? [];
  if (users.length === 2) return withSilu(following, users, surroundings);
  const [node] = users;
  if (node === undefined || users.length !== 1 || node.input[0] !== output) return undefined;
  const done = { ...following, ...behind(following, node) };
  switch (node.opType) {
    case 'Relu':
      return { ...done, activation: ACTIVATION.relu };
    case 'LeakyRelu':
      return {
        ...done,
        activation: ACTIVATION.slope,
        slope: new Float32Array(filters).fill(attributeOf(node, 'alpha')?.f ?? DEFAULT_LEAK),
      };
    case 'PRelu': {
      const other = constants.get(node.input[1] ?? '');
      const slope = other && perFilter(other, filters);
      return slope && { ...done, activation: ACTIVATION.slope, slope };
    }
    case 'Clip':
      return isRelu6(node, constants) ? { ...done, activation: ACTIVATION.relu6 } : undefined;
    default:
      return undefined;
  }
};

/** Of `LeakyRelu` where it says none. */
const DEFAULT_LEAK = 0.01;

/** x · sigmoid(x). */
function withSilu(following: Following, users: readonly NodeProto[], { uses }: Surroundings): Following | undefined {
  const sigmoid = users.find(({ opType }) => opType === 'Sigmoid');
  const gate = sigmoid?.output[0];
  if (sigmoid === undefined || gate === undefined) return undefined;
  const product = uses.onlyUserOf(gate, 'Mul');
  if (product === undefined || !users.includes(product)) return undefined;
  const { nodes } = following;
  return {
    ...following,
    nodes: [...nodes, sigmoid, product],
    output: product.output[0] ?? '',
    activation: ACTIVATION.silu,
  };
}

/** Limits are inputs from operator set 11 on, attributes before. */
function isRelu6(node: NodeProto, constants: ReadonlyMap<string, TensorProto>): boolean {
  const limit = (input: number, attribute: string): number | undefined => {
    const tensor = constants.get(node.input[input] ?? '');
    return (tensor && numbersOf(tensor)?.[0]) ?? attributeOf(node, attribute)?.f;
  };
  return limit(1, 'min') === 0 && limit(2, 'max') === 6;
}

const behind = ({ nodes }: Following, node: NodeProto): Pick<Following, 'nodes' | 'output'> => ({
  nodes: [...nodes, node],
  output: node.output[0] ?? '',
});

const otherInput = ({ input }: NodeProto, name: string): string => (input[0] === name ? input[1] : input[0]) ?? '';

/** One number a filter of a constant that is one for all, or [1, filters, 1, 1] or [filters, 1, 1]. */
function perFilter(tensor: TensorProto, filters: number): Float32Array | undefined {
  const dims = tensor.dims.map(Number);
  const numbers = numbersOf(tensor);
  if (numbers?.length === 1) return new Float32Array(filters).fill(numbers[0]!);
  const isOnePerFilter = dims.at(-3) === filters && dims.at(-2) === 1 && dims.at(-1) === 1;
  return isOnePerFilter && numbers?.length === filters ? numbers : undefined;
}
