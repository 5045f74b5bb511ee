import { DiptychError } from '../../shared/domain/errors.js';
import type { OutputFinisher } from './detector-outputs.js';
import type { OnnxGraph, OnnxValue } from './onnx-builder.js';
import type { TfjsGraph, TfjsNode } from './tfjs-graph.js';
import { TFJS_OPERATORS } from './tfjs-operators.js';
import { TfjsValues } from './tfjs-values.js';
import type { WeightMap } from './tfjs-weights.js';

/** Names of sides that are known at run time only, by their place in a picture. */
const SIDE_NAMES = ['N', 'H', 'W', 'C'] as const;

/**
 * A TensorFlow.js graph model of one input as an ONNX graph. The input takes 32-bit floats, also where the graph
 * asks for whole numbers: pixels are whole numbers. Outputs are named as the graph's nodes are.
 *
 * @param name - of the graph, for people who look at the file
 * @param finish - makes other outputs of the graph's
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` naming an operation that can't be converted.
 */
export function convertTfjsGraph(
  name: string,
  graph: TfjsGraph,
  weights: WeightMap,
  finish?: OutputFinisher,
): OnnxGraph {
  const values = new TfjsValues(weights);
  const order = inOrder(graph);
  const placeholders = order.filter(({ op }) => op === 'Placeholder');
  const [placeholder] = placeholders;
  if (placeholder === undefined || placeholders.length > 1) {
    throw new DiptychError('DIPTYCH_E_MODEL', `the graph has ${placeholders.length} inputs; one picture goes in`);
  }
  values.setPlain(placeholder.name, placeholder.name);
  for (const node of order) {
    if (node.op === 'Placeholder' || node.op === 'Const') continue;
    const convert = TFJS_OPERATORS.get(node.op);
    if (convert === undefined) {
      throw new DiptychError('DIPTYCH_E_MODEL', `the operation ${node.op} of ${node.name} can't be converted`);
    }
    convert(node, values);
  }
  const finished =
    finish === undefined
      ? graph.outputs.map(({ reference, shape }) => ({
          name: reference,
          dims: named(shape),
          value: values.plain(reference),
        }))
      : finish(
          values,
          new Map(graph.outputs.map(({ reference }) => [reference, values.plain(reference)])),
          placeholder.name,
        );
  const outputs = finished.map(({ value, ...output }): OnnxValue => {
    values.nodes.push({ operator: 'Identity', inputs: [value], outputs: [output.name] });
    return output;
  });
  const [output, ...moreOutputs] = outputs;
  if (output === undefined) throw new DiptychError('DIPTYCH_E_MODEL', 'the graph has no output');
  const input = { name: placeholder.name, dims: named(placeholder.shape('shape')) };
  return { name, nodes: values.nodes, constants: values.constants, input, output, moreOutputs };
}

const named = (shape: readonly number[]): readonly (number | string)[] =>
  shape.map((side, i) => (side === -1 ? (SIDE_NAMES[i] ?? `side${i}`) : side));

/** The nodes that the outputs need, each after those it reads. */
function inOrder({ nodes, outputs }: TfjsGraph): readonly TfjsNode[] {
  const order = new Set<TfjsNode>();
  const open = outputs.map(({ reference }) => reference);
  const entered = new Set<TfjsNode>();
  while (open.length > 0) {
    const reference = open.at(-1)!;
    const node = nodes.get(reference.replace(/:\d+$/, ''));
    if (node === undefined) throw new DiptychError('DIPTYCH_E_MODEL', `the graph lacks the node ${reference}`);
    const missing = node.inputs.filter((input) => !order.has(nodes.get(input.replace(/:\d+$/, ''))!));
    if (order.has(node) || missing.length === 0) {
      order.add(node);
      open.pop();
    } else {
      if (entered.has(node)) throw new DiptychError('DIPTYCH_E_MODEL', `the graph runs in a circle at ${node.name}`);
      entered.add(node);
      open.push(...missing);
    }
  }
  return [...order];
}
