import { FLOAT16_MAX, FLOAT16_MIN_NORMAL, toFloat16Bits } from './float16.js';
import { ELEMENT_TYPE, OnnxModelNode, OnnxTensor, type OnnxGraphPart, type OnnxModel } from './onnx-model.js';
import { examineValues, SHAPE_READERS, type ValueFacts } from './onnx-values.js';

export interface Fp16Report {
  /** Constants that are 16-bit now, and how many numbers they hold. */
  readonly tensors: number;
  readonly weights: number;
  /** Numbers larger than a 16-bit float holds; they became the largest it does. */
  readonly clamped: number;
  /** Names of the constants that they are in. */
  readonly clampedIn: readonly string[];
  /** Nodes that compute with 16 bits, and those that go on computing with 32. */
  readonly halfNodes: number;
  readonly floatNodes: number;
}

/** Operators that do the work, and gain by 16 bits. */
const WEIGHTED = new Set(['Conv', 'ConvTranspose', 'DeformConv', 'Gemm', 'MatMul', 'Einsum', 'LSTM', 'GRU', 'RNN']);

/**
 * Operators that only move numbers or are merged into the one before them. Behind the last of the
 * weights they stay with 16 bits, as long as nothing has been computed with 32 yet.
 */
const CARRYING = new Set([
  ...[
    'Reshape',
    'Transpose',
    'Concat',
    'Split',
    'Slice',
    'Squeeze',
    'Unsqueeze',
    'Flatten',
    'Gather',
    'Identity',
    'Pad',
  ],
  ...['Expand', 'Tile', 'DepthToSpace', 'SpaceToDepth', 'Resize', 'Upsample', 'Dropout'],
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'Relu', 'LeakyRelu', 'PRelu', 'Clip'],
]);

/**
 * Operators that have no 16-bit form on a GPU, or whose sums grow over what 16 bits hold. Whatever
 * is not ONNX's own, and what has a graph inside, stays with 32 bits, too.
 */
const FLOAT_ONLY = new Set([
  ...['NonMaxSuppression', 'RoiAlign', 'GridSample', 'Range', 'CumSum', 'Det', 'Multinomial', 'Hardmax', 'LRN'],
  ...['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Bernoulli', 'EyeLike'],
  ...['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear'],
  ...['ReduceL2', 'ReduceSumSquare', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceProd', 'LpNormalization', 'LpPool'],
]);

/** Inputs that are 32-bit floats in ONNX, whatever the node computes with. */
const FLOAT_INPUTS: Readonly<Record<string, readonly number[]>> = { Resize: [1, 2], Upsample: [1] };

/** Operators of which a lone constant that 16 bits don't hold changes the meaning. */
const ARITHMETIC = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow']);
const VARIANCE_INPUT = 4;

/**
 * Makes a network compute with 16-bit floats. What goes in and comes out stays 32-bit; so does what
 * follows from shapes only, and the arithmetic behind the last weights, where positions are
 * computed whose digits count. Casts stand where the two meet.
 */
export function convertToFp16(model: OnnxModel): Fp16Report {
  const converter = new Fp16Converter(model);
  return converter.convert();
}

class Fp16Converter {
  readonly #model: OnnxModel;
  readonly #graph: OnnxGraphPart;
  readonly #facts: ValueFacts;
  readonly #nodes: readonly OnnxModelNode[];
  readonly #constants: ReadonlyMap<string, ConstantFloats>;
  readonly #names: Set<string>;
  /** Where a value is found with 16 bits, and with 32. */
  readonly #half = new Map<string, string>();
  readonly #float = new Map<string, string>();
  readonly #out: OnnxModelNode[] = [];
  readonly #halfTensors: OnnxTensor[] = [];
  readonly #clampedIn: string[] = [];
  #clamped = 0;
  #weights = 0;

  constructor(model: OnnxModel) {
    this.#model = model;
    this.#graph = model.graph;
    this.#facts = examineValues(model.graph);
    this.#nodes = model.graph.nodes;
    this.#constants = findConstants(model.graph);
    this.#names = new Set(this.#nodes.flatMap((node) => [...node.inputs, ...node.outputs, ...captured(node)]));
  }

  convert(): Fp16Report {
    const floatNodes = this.#floatNodes();
    // Names by which 32-bit values have to be found: from outside, and from graphs within nodes.
    const fixed = new Set([...this.#graph.outputs.map(({ name }) => name), ...this.#nodes.flatMap(captured)]);
    const inFloat = this.#constantsUsedAsFloats(floatNodes, fixed);
    const made = new Set([...this.#constants.keys(), ...this.#nodes.flatMap(({ outputs }) => outputs)]);
    for (const name of this.#facts.floats) if (!made.has(name)) this.#float.set(name, name);
    for (const [name, constant] of this.#constants) this.#addConstant(name, constant, floatNodes, inFloat);

    for (const node of this.#nodes) {
      const [name = ''] = node.outputs;
      // What a `Constant` gave is an initializer now.
      if (node.operator === 'Constant' && this.#half.has(name) && !this.#float.has(name)) continue;
      if (SHAPE_READERS.has(node.operator)) this.#keepAsIs(node);
      else if (floatNodes.has(node)) this.#keep(node);
      else this.#halve(node, fixed);
    }
    this.#graph.nodes = this.#out;
    this.#replaceConstants(inFloat);
    this.#retypeValues();
    return {
      tensors: this.#halfTensors.length,
      weights: this.#weights,
      clamped: this.#clamped,
      clampedIn: this.#clampedIn,
      halfNodes: this.#nodes.length - floatNodes.size,
      floatNodes: [...floatNodes].filter((node) => node.outputs.some((name) => this.#isFloatData(name))).length,
    };
  }

  /** Nodes that go on as they are: those that have to, and those behind the last weights that compute. */
  #floatNodes(): ReadonlySet<OnnxModelNode> {
    const beforeWeights = this.#valuesBeforeWeights();
    const kept = new Set<OnnxModelNode>();
    const halfMade = new Set<string>();
    const floatMade = new Set<string>();
    for (const node of this.#nodes) {
      const isFloatWork =
        !SHAPE_READERS.has(node.operator) && [...node.inputs, ...node.outputs].some((name) => this.#isFloatData(name));
      const isTail = !WEIGHTED.has(node.operator) && !node.outputs.some((name) => beforeWeights.has(name));
      const carriesHalf =
        CARRYING.has(node.operator) &&
        node.inputs.some((name) => halfMade.has(name)) &&
        !node.inputs.some((name) => floatMade.has(name));
      const isKept = !isFloatWork || this.#isFloatOnly(node) || (isTail && !carriesHalf);
      if (isKept) kept.add(node);
      for (const name of node.outputs) {
        if (this.#isFloatData(name)) (isKept ? floatMade : halfMade).add(name);
      }
    }
    return kept;
  }

  /** What any of the weights still has to work on. */
  #valuesBeforeWeights(): ReadonlySet<string> {
    const before = new Set<string>();
    for (const node of [...this.#nodes].reverse()) {
      if (WEIGHTED.has(node.operator) || node.outputs.some((name) => before.has(name))) {
        for (const name of [...node.inputs, ...captured(node)]) before.add(name);
      }
    }
    return before;
  }

  #isFloatData(name: string): boolean {
    return this.#facts.floats.has(name) && this.#facts.data.has(name);
  }

  #isFloatOnly(node: OnnxModelNode): boolean {
    if (!node.isStandard || FLOAT_ONLY.has(node.operator) || node.subgraphs.length > 0) return true;
    const isLost = (magnitude: number): boolean => magnitude > 0 && magnitude < FLOAT16_MIN_NORMAL;
    if (node.operator === 'BatchNormalization') {
      const variance = this.#constants.get(node.inputs[VARIANCE_INPUT] ?? '')?.values();
      return variance?.some((value) => isLost(value) || value > FLOAT16_MAX) ?? false;
    }
    if (!ARITHMETIC.has(node.operator)) return false;
    return node.inputs.some((name) => {
      const constant = this.#constants.get(name);
      if (constant?.count !== 1) return false;
      const magnitude = Math.abs(constant.values()[0]!);
      return isLost(magnitude) || (magnitude > FLOAT16_MAX && magnitude !== Infinity);
    });
  }

  #constantsUsedAsFloats(floatNodes: ReadonlySet<OnnxModelNode>, fixed: ReadonlySet<string>): ReadonlySet<string> {
    const used = new Set([...this.#constants.keys()].filter((name) => fixed.has(name)));
    for (const node of this.#nodes) {
      for (const [i, name] of node.inputs.entries()) {
        if (!this.#constants.has(name)) continue;
        if (floatNodes.has(node) || FLOAT_INPUTS[node.operator]?.includes(i)) used.add(name);
      }
    }
    return used;
  }

  #addConstant(
    name: string,
    constant: ConstantFloats,
    floatNodes: ReadonlySet<OnnxModelNode>,
    inFloat: ReadonlySet<string>,
  ): void {
    const isHalved = this.#nodes.some(
      (node) =>
        !floatNodes.has(node) &&
        node.inputs.some((input, i) => input === name && !FLOAT_INPUTS[node.operator]?.includes(i)),
    );
    if (inFloat.has(name) || !isHalved) this.#float.set(name, name);
    if (!isHalved) return;
    const halfName = inFloat.has(name) ? this.#newName(`${name}_fp16`) : name;
    this.#half.set(name, halfName);
    const values = constant.values();
    const clamped = values.reduce((count, value) => count + (isClamped(value) ? 1 : 0), 0);
    if (clamped > 0) this.#clampedIn.push(name);
    this.#clamped += clamped;
    this.#weights += values.length;
    this.#halfTensors.push(OnnxTensor.of(halfName, constant.dims, ELEMENT_TYPE.float16, float16Bytes(values)));
  }

  /** A node that takes either. */
  #keepAsIs(node: OnnxModelNode): void {
    node.inputs = node.inputs.map((name) => this.#float.get(name) ?? this.#half.get(name) ?? name);
    this.#out.push(node);
  }

  /** A node that goes on with 32 bits. */
  #keep(node: OnnxModelNode): void {
    for (const name of captured(node)) this.#asFloat(name);
    node.inputs = node.inputs.map((name) => this.#asFloat(name));
    this.#out.push(node);
    for (const name of node.outputs) if (this.#facts.floats.has(name)) this.#float.set(name, name);
  }

  #halve(node: OnnxModelNode, fixed: ReadonlySet<string>): void {
    const { floats } = this.#facts;
    const floatInputs = FLOAT_INPUTS[node.operator] ?? [];
    node.inputs = node.inputs.map((name, i) => (floatInputs.includes(i) ? this.#asFloat(name) : this.#asHalf(name)));
    if (node.operator === 'Cast' && node.integerAttribute('to') === ELEMENT_TYPE.float) {
      node.setIntegerAttribute('to', ELEMENT_TYPE.float16);
    }
    const outputs = node.outputs;
    const shown = outputs.filter((name) => floats.has(name) && fixed.has(name));
    node.outputs = outputs.map((name) => {
      if (!floats.has(name)) return name;
      const half = shown.includes(name) ? this.#newName(`${name}_fp16`) : name;
      this.#half.set(name, half);
      return half;
    });
    this.#out.push(node);
    for (const name of shown) {
      this.#out.push(OnnxModelNode.cast(this.#half.get(name)!, name, ELEMENT_TYPE.float));
      this.#float.set(name, name);
    }
  }

  #asHalf(name: string): string {
    if (!this.#facts.floats.has(name)) return name;
    const known = this.#half.get(name);
    if (known !== undefined) return known;
    const half = this.#newName(`${name}_fp16`);
    this.#out.push(OnnxModelNode.cast(name, half, ELEMENT_TYPE.float16));
    this.#half.set(name, half);
    return half;
  }

  #asFloat(name: string): string {
    if (!this.#facts.floats.has(name)) return name;
    const known = this.#float.get(name);
    if (known !== undefined) return known;
    const float = this.#newName(`${name}_fp32`);
    this.#out.push(OnnxModelNode.cast(this.#half.get(name) ?? name, float, ELEMENT_TYPE.float));
    this.#float.set(name, float);
    return float;
  }

  /** Puts the 16-bit constants where the 32-bit ones stood that nothing uses any more. */
  #replaceConstants(inFloat: ReadonlySet<string>): void {
    if (this.#halfTensors.length === 0) return;
    const inPlace = new Map(this.#halfTensors.map((tensor) => [tensor.name, tensor]));
    const initializers = this.#graph.initializers;
    const own = new Set(initializers.map(({ name }) => name));
    this.#graph.initializers = [
      ...initializers.map((tensor) => (inFloat.has(tensor.name) ? tensor : (inPlace.get(tensor.name) ?? tensor))),
      ...this.#halfTensors.filter(({ name }) => !own.has(name)),
    ];
    if (this.#halfTensors.some(({ name }) => !own.has(name))) this.#model.allowConstants();
  }

  /** What the file says of types, of constants among the inputs and of values in between. */
  #retypeValues(): void {
    for (const value of [...this.#graph.valueInfo, ...this.#graph.inputs]) {
      const isHalf = this.#half.get(value.name) === value.name;
      if (isHalf && value.elementType === ELEMENT_TYPE.float) value.setElementType(ELEMENT_TYPE.float16);
    }
  }

  #newName(wanted: string): string {
    let name = wanted;
    while (this.#names.has(name)) name += '_';
    this.#names.add(name);
    return name;
  }
}

/** A constant of 32-bit floats: an initializer, or what a `Constant` gives. */
interface ConstantFloats {
  readonly dims: readonly number[];
  readonly count: number;
  readonly values: () => Float32Array;
}

function findConstants(graph: OnnxGraphPart): ReadonlyMap<string, ConstantFloats> {
  const constants = new Map<string, ConstantFloats>();
  const add = (name: string, tensor: OnnxTensor): void => {
    if (tensor.type !== ELEMENT_TYPE.float) return;
    const count = tensor.dims.reduce((product, side) => product * side, 1);
    constants.set(name, { dims: tensor.dims, count, values: () => tensor.floats });
  };
  for (const tensor of graph.initializers) add(tensor.name, tensor);
  for (const node of graph.nodes) {
    if (node.operator !== 'Constant') continue;
    const [name = ''] = node.outputs;
    const tensor = node.tensorAttribute('value');
    const list = node.floatsOfConstant;
    if (tensor !== undefined) add(name, tensor);
    else if (list !== undefined) constants.set(name, { ...list, count: list.values.length, values: () => list.values });
  }
  return constants;
}

const captured = (node: OnnxModelNode): string[] => node.subgraphs.flatMap((graph) => [...graph.captured]);

const isClamped = (value: number): boolean => Math.abs(value) > FLOAT16_MAX && Math.abs(value) !== Infinity;

function float16Bytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint16(i * 2, toFloat16Bits(value), true));
  return bytes;
}
