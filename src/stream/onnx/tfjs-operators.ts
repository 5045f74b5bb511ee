import { TENSOR_OPERATORS } from './tfjs-tensor-operators.js';
import { PICTURE_OPERATORS } from './tfjs-picture-operators.js';
import type { TfjsNode } from './tfjs-graph.js';
import type { TfjsValues } from './tfjs-values.js';

/** Makes the nodes for one operation and sets its results. */
export type TfjsOperator = (node: TfjsNode, values: TfjsValues) => void;

/** The operations of TensorFlow that can be converted. */
export const TFJS_OPERATORS: ReadonlyMap<string, TfjsOperator> = new Map([
  ...Object.entries(PICTURE_OPERATORS),
  ...Object.entries(TENSOR_OPERATORS),
]);
