import { DiptychError } from '../../shared/domain/errors.js';
import { ELEMENT_TYPE, OnnxTensor, type OnnxGraphPart, type OnnxModel, type OnnxModelNode } from './onnx-model.js';
import { examineValues } from './onnx-values.js';

export interface DynamicBatchReport {
  /** Inputs that took exactly one picture before. */
  readonly inputs: readonly string[];
  /** Nodes that had the one picture written into a constant, or asked for a shape at run time. */
  readonly rewritten: number;
}

/** What the file calls the number of pictures. */
const BATCH = 'batch';
/** In a `Reshape`: as many as go in · as many as are left over. */
const AS_INPUT = 0n;
const THE_REST = -1n;
/** From this operator set on, `Pad` takes its sizes as an input. */
const PAD_BY_INPUT = 11;

/**
 * Lets a network take any number of pictures at a time: the first dimension of what goes in and
 * comes out gets a name, and constants that say "one picture" are rewritten. Whether the network
 * then gives for each what it gave before is for the caller to try: see `proveBatch`.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the graph does not allow it, with the reason.
 */
export function makeBatchDynamic(model: OnnxModel): DynamicBatchReport {
  const { graph } = model;
  const constants = integerConstants(graph);
  const isConstant = new Set(graph.initializers.map(({ name }) => name));
  const { data } = examineValues(graph);
  const inputs = graph.inputs.filter(({ name }) => !isConstant.has(name));
  const fixed = inputs.filter(({ dims }) => typeof dims?.[0] === 'number');
  for (const { name, dims } of fixed) {
    if (dims![0] !== 1) throw refused(`its input ${name} takes ${dims![0]} pictures at a time, not 1`);
  }
  const names = new Set([...isConstant, ...graph.nodes.flatMap((node) => [...node.inputs, ...node.outputs])]);
  const added: OnnxTensor[] = [];
  const addIntegers = (like: string, values: readonly bigint[]): string => {
    let name = `${like}_batch`;
    while (names.has(name)) name += '_';
    names.add(name);
    const tensor = OnnxTensor.of(name, [values.length], ELEMENT_TYPE.int64, new Uint8Array());
    tensor.setIntegers(values);
    added.push(tensor);
    return name;
  };

  let rewritten = 0;
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  for (const node of graph.nodes) {
    if (!node.outputs.some((name) => data.has(name))) continue;
    if (node.operator === 'Reshape') {
      const [from = '', shape = ''] = node.inputs;
      const values = constants.get(shape) ?? shapeOfBatch(shape, makers, constants);
      const isFixed = constants.has(shape) && values?.[0] === 1n;
      if (values === undefined || (constants.has(shape) && !isFixed)) continue;
      node.inputs = [from, addIntegers(shape, [batchPlace(node, values), ...values.slice(1)])];
      rewritten += 1;
    } else if (node.operator === 'Concat' && padWithZeros(model, node, data, constants, addIntegers)) {
      rewritten += 1;
    }
  }

  if (added.length > 0) {
    graph.initializers = [...graph.initializers, ...added];
    model.allowConstants();
    removeUnused(graph);
  }
  for (const value of fixed) value.nameFirstDimension(BATCH);
  for (const value of graph.outputs) if (value.dims?.[0] === 1) value.nameFirstDimension(BATCH);
  // Sizes in between are worked out anew by whoever loads the file.
  for (const value of graph.valueInfo) if (data.has(value.name)) value.forgetShape();
  return { inputs: fixed.map(({ name }) => name), rewritten };
}

/** How a `Reshape` is told to keep the number of pictures. */
function batchPlace(node: OnnxModelNode, values: readonly bigint[]): bigint {
  if (node.integerAttribute('allowzero') !== 1) return AS_INPUT;
  if (!values.includes(THE_REST)) return THE_REST;
  throw refused(`${node.label} has no way left to say how many pictures there are`);
}

/**
 * A shape that is put together at run time out of the number of pictures and constants, the usual
 * way of exporting `view(batch, -1, n)`, as constants whose first is {@link AS_INPUT}.
 */
function shapeOfBatch(
  name: string,
  makers: ReadonlyMap<string, OnnxModelNode>,
  constants: ReadonlyMap<string, readonly bigint[]>,
): readonly bigint[] | undefined {
  const concat = makers.get(name);
  if (concat?.operator !== 'Concat') return undefined;
  const [first = '', ...rest] = concat.inputs;
  if (!isBatchOfShape(first, makers, constants)) return undefined;
  const others = rest.map((part) => constants.get(part));
  if (others.some((part) => part === undefined)) return undefined;
  return [AS_INPUT, ...others.flatMap((part) => part ?? [])];
}

/** Whether it is the first size of some value: `Unsqueeze(Gather(Shape(value), 0))`. */
function isBatchOfShape(
  name: string,
  makers: ReadonlyMap<string, OnnxModelNode>,
  constants: ReadonlyMap<string, readonly bigint[]>,
): boolean {
  const node = makers.get(name);
  const [from = '', index = ''] = node?.inputs ?? [];
  if (node?.operator === 'Unsqueeze') return isBatchOfShape(from, makers, constants);
  if (node?.operator !== 'Gather' || constants.get(index)?.join() !== '0') return false;
  return makers.get(from)?.operator === 'Shape';
}

/** A picture joined with zeros, which is how channels are added, becomes a padded one: that takes any number. */
function padWithZeros(
  model: OnnxModel,
  node: OnnxModelNode,
  data: ReadonlySet<string>,
  constants: ReadonlyMap<string, readonly bigint[]>,
  addIntegers: (like: string, values: readonly bigint[]) => string,
): boolean {
  const fixed = node.inputs.filter((name) => !data.has(name));
  if (fixed.length === 0 || node.integerAttribute('axis') === 0) return false;
  const [zeros, behind] = [node.inputs[1]!, node.inputs[0]!];
  const dims = node.inputs.length === 2 && data.has(behind) ? dimsOfZeros(zeros, model.graph, constants) : undefined;
  const axis = node.integerAttribute('axis') ?? 0;
  if (dims === undefined || axis < 0 || model.operatorSet < PAD_BY_INPUT) {
    throw refused(`${node.label} joins each picture with a constant made for one`);
  }
  const pads = dims.map(() => 0n);
  pads[axis] = dims[axis]!;
  node.becomePad(behind, addIntegers(zeros, [...dims.map(() => 0n), ...pads]));
  return true;
}

/** The shape of a constant that holds nothing but zeros. */
function dimsOfZeros(
  name: string,
  graph: OnnxGraphPart,
  constants: ReadonlyMap<string, readonly bigint[]>,
): readonly bigint[] | undefined {
  const maker = graph.nodes.find(({ outputs }) => outputs.includes(name));
  if (maker?.operator === 'ConstantOfShape') {
    const fill = maker.tensorAttribute('value');
    const isZero =
      fill === undefined || (fill.type === ELEMENT_TYPE.float && fill.floats.every((value) => value === 0));
    return isZero ? constants.get(maker.inputs[0] ?? '') : undefined;
  }
  const tensor = graph.initializers.find((each) => each.name === name) ?? maker?.tensorAttribute('value');
  if (tensor?.type !== ELEMENT_TYPE.float || tensor.floats.some((value) => value !== 0)) return undefined;
  return tensor.dims.map(BigInt);
}

function integerConstants(graph: OnnxGraphPart): ReadonlyMap<string, readonly bigint[]> {
  const tensors = [
    ...graph.initializers.map((tensor) => [tensor.name, tensor] as const),
    ...graph.nodes.flatMap((node) => {
      const tensor = node.operator === 'Constant' ? node.tensorAttribute('value') : undefined;
      return tensor === undefined ? [] : [[node.outputs[0] ?? '', tensor] as const];
    }),
  ];
  const integers = tensors.filter(([, { type }]) => type === ELEMENT_TYPE.int64);
  return new Map(integers.map(([name, tensor]) => [name, tensor.integers]));
}

/** Takes out nodes whose results nothing asks for any more. */
function removeUnused(graph: OnnxGraphPart): void {
  const used = new Set(graph.outputs.map(({ name }) => name));
  const kept: OnnxModelNode[] = [];
  for (const node of graph.nodes.reverse()) {
    if (!node.outputs.some((name) => used.has(name))) continue;
    kept.push(node);
    for (const name of node.inputs) used.add(name);
    for (const part of node.subgraphs) for (const name of part.captured) used.add(name);
  }
  graph.nodes = kept.reverse();
  const tensors = graph.initializers;
  const stillUsed = tensors.filter(({ name }) => used.has(name) || graph.inputs.some((input) => input.name === name));
  if (stillUsed.length < tensors.length) graph.initializers = stillUsed;
}

const refused = (why: string): DiptychError =>
  new DiptychError('DIPTYCH_E_MODEL', `the network can't be made to take several pictures at a time: ${why}`);
