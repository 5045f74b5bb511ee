import { DiptychError } from '../../../shared/domain/errors.js';
import type { OnnxModel } from '../../onnx/onnx-file.js';
import {
  allowUnlistedConstants,
  attributeOf,
  capturedBy,
  forgetShape,
  integerAttribute,
  labelOf,
  nameFirstDimension,
  networkInputs,
  operatorSetOf,
  shapeOf,
} from '../../onnx/onnx-graph.js';
import { ELEMENT_TYPE, floatsOf, integersOf, integerTensor } from '../../onnx/onnx-tensor.js';
import { examineValues } from './onnx-values.js';
import { type GraphProto, type NodeProto, type TensorProto } from '../../onnx/schema/onnx_pb.js';

/** What {@link makeBatchDynamic} changed. */
export interface DynamicBatchReport {
  /** Names of the inputs that took exactly one picture before. */
  readonly inputs: readonly string[];
  /** How many nodes had "one picture" in a constant, or computed a shape at run time. */
  readonly rewritten: number;
}

/** Name of the first dimension in the file. */
const BATCH = 'batch';
/** In the shape of a `Reshape`: as many as the input has · as many as are left over. */
const AS_INPUT = 0n;
const THE_REST = -1n;
/** From this operator set on, `Pad` takes its sizes as an input. */
const PAD_BY_INPUT = 11;

/**
 * Lets a network take any number of pictures at a time, in place: the first dimension of inputs and
 * outputs gets a name, and constants that say "one picture" are rewritten. It does not prove that
 * the network then gives for each picture what it gave before; running both does.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if the graph does not allow it, with the reason.
 */
export function makeBatchDynamic(model: OnnxModel): DynamicBatchReport {
  return new BatchConverter(model).convert();
}

class BatchConverter {
  readonly #model: OnnxModel;
  readonly #graph: GraphProto;
  /** Values of the constants of 64-bit integers, by name. */
  readonly #integers: ReadonlyMap<string, readonly bigint[]>;
  /** Names of values that depend on the pictures. */
  readonly #data: ReadonlySet<string>;
  /** The node that gives a value, by the value's name. */
  readonly #makers: ReadonlyMap<string, NodeProto>;
  readonly #names: Set<string>;
  readonly #added: TensorProto[] = [];

  constructor(model: OnnxModel) {
    const { graph } = model;
    this.#model = model;
    this.#graph = graph;
    this.#integers = integerConstants(graph);
    this.#data = examineValues(graph).data;
    this.#makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
    this.#names = new Set([
      ...graph.initializer.map(({ name }) => name),
      ...graph.node.flatMap(({ input, output }) => [...input, ...output]),
    ]);
  }

  convert(): DynamicBatchReport {
    const fixed = networkInputs(this.#graph).filter((input) => typeof shapeOf(input)?.[0] === 'number');
    for (const input of fixed) {
      const [count] = shapeOf(input)!;
      if (count !== 1) throw refused(`its input ${input.name} takes ${count} pictures at a time, not 1`);
    }
    let rewritten = 0;
    for (const node of this.#graph.node) if (this.#rewrite(node)) rewritten += 1;
    if (this.#added.length > 0) {
      this.#graph.initializer.push(...this.#added);
      allowUnlistedConstants(this.#model);
      removeUnused(this.#graph);
    }
    for (const value of fixed) nameFirstDimension(value, BATCH);
    for (const value of this.#graph.output) if (shapeOf(value)?.[0] === 1) nameFirstDimension(value, BATCH);
    // Whoever loads the file infers the shapes in between.
    for (const value of this.#graph.valueInfo) if (this.#data.has(value.name)) forgetShape(value);
    return { inputs: fixed.map(({ name }) => name), rewritten };
  }

  /** Rewrites a node if it is made for one picture. @returns whether it was */
  #rewrite(node: NodeProto): boolean {
    if (!node.output.some((name) => this.#data.has(name))) return false;
    if (node.opType === 'Reshape') return this.#reshape(node);
    return node.opType === 'Concat' && this.#pad(node);
  }

  /** Lets a `Reshape` keep the number of pictures. @returns whether there was anything to change */
  #reshape(node: NodeProto): boolean {
    const [from = '', shape = ''] = node.input;
    const constant = this.#integers.get(shape);
    const values = constant ?? this.#shapeOfBatch(shape);
    if (values === undefined || (constant !== undefined && constant[0] !== 1n)) return false;
    node.input = [from, this.#addIntegers(shape, [firstSize(node, values), ...values.slice(1)])];
    return true;
  }

  /**
   * Puts padding in the place of a `Concat` of each picture with zeros, which is one way of adding
   * channels: padding takes any number of pictures.
   *
   * @returns whether there was anything to change
   */
  #pad(node: NodeProto): boolean {
    const axis = integerAttribute(node, 'axis') ?? 0;
    if (node.input.every((name) => this.#data.has(name)) || axis === 0) return false;
    const [picture = '', zeros = ''] = node.input;
    const dims = node.input.length === 2 && this.#data.has(picture) ? this.#dimsOfZeros(zeros) : undefined;
    const added = dims?.[axis];
    if (dims === undefined || added === undefined || operatorSetOf(this.#model) < PAD_BY_INPUT) {
      throw refused(`${labelOf(node)} joins each picture with a constant made for one`);
    }
    const before = dims.map(() => 0n);
    const behind = before.with(axis, added);
    node.opType = 'Pad';
    node.attribute = [];
    node.input = [picture, this.#addIntegers(zeros, [...before, ...behind])];
    return true;
  }

  /** Adds a constant, named after the one that it replaces. @returns its name */
  #addIntegers(like: string, values: readonly bigint[]): string {
    let name = `${like}_batch`;
    while (this.#names.has(name)) name += '_';
    this.#names.add(name);
    this.#added.push(integerTensor(name, [values.length], values));
    return name;
  }

  /**
   * Reads a shape that a node puts together at run time from the number of pictures and constants,
   * the usual export of `view(batch, -1, n)`.
   *
   * @returns the shape, of which the first is {@link AS_INPUT}
   */
  #shapeOfBatch(name: string): readonly bigint[] | undefined {
    const concat = this.#makers.get(name);
    if (concat?.opType !== 'Concat') return undefined;
    const [first = '', ...rest] = concat.input;
    if (!this.#isBatchOfShape(first)) return undefined;
    const others = rest.map((part) => this.#integers.get(part));
    if (others.some((part) => part === undefined)) return undefined;
    return [AS_INPUT, ...others.flatMap((part) => part ?? [])];
  }

  /** Whether a value is the first size of another: `Unsqueeze(Gather(Shape(value), 0))`. */
  #isBatchOfShape(name: string): boolean {
    let node = this.#makers.get(name);
    // A damaged file may have a circle here.
    const seen = new Set<NodeProto>();
    while (node?.opType === 'Unsqueeze' && !seen.has(node)) {
      seen.add(node);
      node = this.#makers.get(node.input[0] ?? '');
    }
    const [from = '', index = ''] = node?.input ?? [];
    if (node?.opType !== 'Gather' || this.#integers.get(index)?.join() !== '0') return false;
    return this.#makers.get(from)?.opType === 'Shape';
  }

  /** The shape of a constant that holds nothing but zeros. */
  #dimsOfZeros(name: string): readonly bigint[] | undefined {
    const maker = this.#makers.get(name);
    const value = maker && attributeOf(maker, 'value')?.t;
    if (maker?.opType === 'ConstantOfShape') {
      return value === undefined || isZero(value) ? this.#integers.get(maker.input[0] ?? '') : undefined;
    }
    const tensor = this.#graph.initializer.find((each) => each.name === name) ?? value;
    return tensor !== undefined && isZero(tensor) ? tensor.dims : undefined;
  }
}

/** How a `Reshape` is told to keep the number of pictures. */
function firstSize(node: NodeProto, values: readonly bigint[]): bigint {
  if (integerAttribute(node, 'allowzero') !== 1) return AS_INPUT;
  if (!values.includes(THE_REST)) return THE_REST;
  throw refused(`${labelOf(node)} has no way left to say how many pictures there are`);
}

const isZero = (tensor: TensorProto): boolean =>
  tensor.dataType === ELEMENT_TYPE.float && floatsOf(tensor).every((value) => value === 0);

function integerConstants(graph: GraphProto): ReadonlyMap<string, readonly bigint[]> {
  const tensors = [
    ...graph.initializer.map((tensor) => [tensor.name, tensor] as const),
    ...graph.node.flatMap((node) => {
      const tensor = node.opType === 'Constant' ? attributeOf(node, 'value')?.t : undefined;
      return tensor === undefined ? [] : [[node.output[0] ?? '', tensor] as const];
    }),
  ];
  const integers = tensors.filter(([, { dataType }]) => dataType === ELEMENT_TYPE.int64);
  return new Map(integers.map(([name, tensor]) => [name, integersOf(tensor)]));
}

/** Removes nodes and constants whose results nothing takes any more. */
function removeUnused(graph: GraphProto): void {
  const used = new Set(graph.output.map(({ name }) => name));
  const kept: NodeProto[] = [];
  for (const node of [...graph.node].reverse()) {
    if (!node.output.some((name) => used.has(name))) continue;
    kept.push(node);
    for (const name of [...node.input, ...capturedBy(node)]) used.add(name);
  }
  graph.node = kept.reverse();
  const listed = new Set(graph.input.map(({ name }) => name));
  graph.initializer = graph.initializer.filter(({ name }) => used.has(name) || listed.has(name));
}

const refused = (why: string): DiptychError =>
  new DiptychError('DIPTYCH_E_MODEL', `the network can't be made to take several pictures at a time: ${why}`);
