import type { NodeProto, TensorProto } from '../../../onnx/schema/onnx_pb.js';
import { scalarOf, wholeNumbersOf } from './graph-constants.js';
import { numbers, textOf } from './sliding-window.js';
import { attributeOf } from '../../../onnx/onnx-graph.js';

/** From this version on, `Pad` takes what it adds as inputs. */
const PADS_ARE_INPUTS = 11;

/** How much a `Pad` puts around a value, by axis; negative where it cuts off. */
export interface Padding {
  /** At the beginning. */
  readonly before: readonly number[];
  /** At the end. */
  readonly after: readonly number[];
}

/** What a `Pad` adds, if it is zeros and constant; `undefined` otherwise. */
export function paddingOf(
  node: NodeProto,
  constants: ReadonlyMap<string, TensorProto>,
  operatorSet: number,
): Padding | undefined {
  const [, padsName = '', valueName = '', axesName = ''] = node.input;
  const isOld = operatorSet < PADS_ARE_INPUTS;
  const pads = isOld ? numbers(node, 'pads') : wholeNumbersOf(constants.get(padsName));
  const given = isOld ? (attributeOf(node, 'value')?.f ?? 0) : scalarOf(constants.get(valueName));
  const value = isOld || valueName !== '' ? given : 0;
  if (pads === undefined || value !== 0 || axesName !== '') return undefined;
  if ((textOf(node, 'mode') ?? 'constant') !== 'constant') return undefined;
  return { before: pads.slice(0, pads.length / 2), after: pads.slice(pads.length / 2) };
}
