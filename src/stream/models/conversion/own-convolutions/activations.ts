import { attributeOf } from '../../../onnx/onnx-graph.js';
import type { NodeProto, TensorProto } from '../../../onnx/schema/onnx_pb.js';
import { scalarOf } from './graph-constants.js';

/** What the operators call them. */
export const ACTIVATION = { none: 0, relu: 1, silu: 2, slope: 3, clip6: 4 } as const;

/** What is done to each number of a convolution's result. */
export type Activation =
  | { readonly kind: Exclude<(typeof ACTIVATION)[keyof typeof ACTIVATION], 3> }
  /** Negative numbers times a number by channel, or one for all. */
  | { readonly kind: typeof ACTIVATION.slope; readonly slope: Float32Array };

/** From this version on, `Clip` takes its limits as inputs. */
const LIMITS_ARE_INPUTS = 11;
/** Of `LeakyRelu`, where the node does not say. */
const USUAL_SLOPE = 0.01;
const HIGHEST = 6;

/**
 * The activation that a node of one input is; `undefined` where it is none of those above.
 *
 * @param byChannel - a constant's numbers, if it has one for each channel or one for all
 */
export function activationOf(
  node: NodeProto,
  constants: ReadonlyMap<string, TensorProto>,
  operatorSet: number,
  byChannel: (constant: TensorProto) => Float32Array | undefined,
): Activation | undefined {
  const [, second = '', third = ''] = node.input;
  const given = constants.get(second);
  switch (node.opType) {
    case 'Relu':
      return { kind: ACTIVATION.relu };
    case 'LeakyRelu':
      return { kind: ACTIVATION.slope, slope: Float32Array.of(attributeOf(node, 'alpha')?.f ?? USUAL_SLOPE) };
    case 'PRelu': {
      const slope = given && byChannel(given);
      return slope && { kind: ACTIVATION.slope, slope };
    }
    case 'Clip': {
      const areInputs = operatorSet >= LIMITS_ARE_INPUTS;
      const low = areInputs ? scalarOf(given) : attributeOf(node, 'min')?.f;
      const high = areInputs ? scalarOf(constants.get(third)) : attributeOf(node, 'max')?.f;
      return low === 0 && high === HIGHEST ? { kind: ACTIVATION.clip6 } : undefined;
    }
    default:
      return undefined;
  }
}
