import { findFloatConstants, type FloatConstant } from './float-constants.js';
import { FLOAT16_MAX, toFloat16Bits } from './float16.js';
import { isFloatInput, nodesKeptInFloat } from './fp16-rules.js';
import type { OnnxModel } from '../../onnx/onnx-file.js';
import {
  allowUnlistedConstants,
  attributeOf,
  capturedBy,
  castNode,
  elementTypeOf,
  integerAttribute,
} from '../../onnx/onnx-graph.js';
import { ELEMENT_TYPE, rawTensor } from '../../onnx/onnx-tensor.js';
import { examineValues, SHAPE_READERS, type ValueFacts } from './onnx-values.js';
import { type GraphProto, type NodeProto, type TensorProto } from '../../onnx/schema/onnx_pb.js';

/** What a conversion to 16 bits changed. */
export interface Fp16Report {
  /** How many constants are 16-bit now. */
  readonly tensors: number;
  /** How many numbers these constants hold. */
  readonly weights: number;
  /** How many of the numbers were larger than a 16-bit float holds; they became the largest it does. */
  readonly clamped: number;
  /** Names of the constants that the clamped numbers are in. */
  readonly clampedIn: readonly string[];
  /** How many nodes compute with 16 bits. */
  readonly halfNodes: number;
  /** How many nodes still compute with 32 bits. */
  readonly floatNodes: number;
}

/**
 * Makes a network compute with 16-bit floats, in place. Inputs and outputs of the network stay
 * 32-bit. So do values that follow from shapes only, and the arithmetic behind the last weights,
 * which computes positions whose digits count. Where the two meet, casts are put in between.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if a constant is damaged.
 */
export function convertToFp16(model: OnnxModel): Fp16Report {
  return new Fp16Converter(model).convert();
}

class Fp16Converter {
  readonly #model: OnnxModel;
  readonly #graph: GraphProto;
  readonly #facts: ValueFacts;
  readonly #nodes: readonly NodeProto[];
  readonly #constants: ReadonlyMap<string, FloatConstant>;
  readonly #kept: ReadonlySet<NodeProto>;
  /** Names under which 32-bit values must be found: by callers, and by graphs within nodes. */
  readonly #fixed: ReadonlySet<string>;
  readonly #names: Set<string>;
  /** Under which name a value is found with 16 bits, and with 32. */
  readonly #half = new Map<string, string>();
  readonly #float = new Map<string, string>();
  readonly #out: NodeProto[] = [];
  readonly #halfTensors: TensorProto[] = [];
  readonly #clampedIn: string[] = [];
  #clamped = 0;
  #weights = 0;

  constructor(model: OnnxModel) {
    this.#model = model;
    this.#graph = model.graph;
    this.#facts = examineValues(model.graph);
    this.#nodes = model.graph.node;
    this.#constants = findFloatConstants(model.graph);
    this.#kept = nodesKeptInFloat(this.#nodes, this.#facts, this.#constants);
    this.#fixed = new Set([...this.#graph.output.map(({ name }) => name), ...this.#nodes.flatMap(capturedBy)]);
    this.#names = new Set(this.#nodes.flatMap((node) => [...node.input, ...node.output, ...capturedBy(node)]));
  }

  convert(): Fp16Report {
    const inFloat = this.#constantsUsed({ asHalf: false });
    const inHalf = this.#constantsUsed({ asHalf: true });
    const made = new Set([...this.#constants.keys(), ...this.#nodes.flatMap(({ output }) => output)]);
    for (const name of this.#facts.floats) if (!made.has(name)) this.#float.set(name, name);
    for (const [name, constant] of this.#constants) {
      if (inFloat.has(name) || !inHalf.has(name)) this.#float.set(name, name);
      if (inHalf.has(name)) this.#addHalf(name, constant, inFloat.has(name));
    }

    for (const node of this.#nodes) {
      const [name = ''] = node.output;
      // The result of this `Constant` is an initializer now.
      if (node.opType === 'Constant' && this.#half.has(name) && !this.#float.has(name)) continue;
      if (SHAPE_READERS.has(node.opType)) this.#keepAsIs(node);
      else if (this.#kept.has(node)) this.#keep(node);
      else this.#halve(node);
    }
    this.#graph.node = this.#out;
    this.#replaceConstants(inFloat);
    this.#retypeValues();
    return {
      tensors: this.#halfTensors.length,
      weights: this.#weights,
      clamped: this.#clamped,
      clampedIn: this.#clampedIn,
      halfNodes: this.#nodes.length - this.#kept.size,
      floatNodes: [...this.#kept].filter(({ output }) => output.some((name) => this.#isFloatData(name))).length,
    };
  }

  #isFloatData(name: string): boolean {
    return this.#facts.floats.has(name) && this.#facts.data.has(name);
  }

  /** Names of the constants that some node takes with 16 bits, or that somebody takes with 32. */
  #constantsUsed({ asHalf }: { readonly asHalf: boolean }): ReadonlySet<string> {
    const used = this.#nodes.flatMap((node) =>
      node.input.filter((_, i) => (!this.#kept.has(node) && !isFloatInput(node, i)) === asHalf),
    );
    return new Set([...used, ...(asHalf ? [] : this.#fixed)].filter((name) => this.#constants.has(name)));
  }

  #addHalf(name: string, { dims, values: read }: FloatConstant, isKept: boolean): void {
    const halfName = isKept ? this.#newName(`${name}_fp16`) : name;
    this.#half.set(name, halfName);
    const values = read();
    const clamped = values.reduce((count, value) => count + (isClamped(value) ? 1 : 0), 0);
    if (clamped > 0) this.#clampedIn.push(name);
    this.#clamped += clamped;
    this.#weights += values.length;
    this.#halfTensors.push(rawTensor(halfName, dims, ELEMENT_TYPE.float16, float16Bytes(values)));
  }

  /** Keeps a node that takes either precision. */
  #keepAsIs(node: NodeProto): void {
    node.input = node.input.map((name) => this.#float.get(name) ?? this.#half.get(name) ?? name);
    this.#out.push(node);
  }

  /** Keeps a node that goes on with 32 bits. */
  #keep(node: NodeProto): void {
    for (const name of capturedBy(node)) this.#asFloat(name);
    node.input = node.input.map((name) => this.#asFloat(name));
    this.#out.push(node);
    for (const name of node.output) if (this.#facts.floats.has(name)) this.#float.set(name, name);
  }

  #halve(node: NodeProto): void {
    const { floats } = this.#facts;
    node.input = node.input.map((name, i) => (isFloatInput(node, i) ? this.#asFloat(name) : this.#asHalf(name)));
    const to = node.opType === 'Cast' ? attributeOf(node, 'to') : undefined;
    if (to !== undefined && integerAttribute(node, 'to') === ELEMENT_TYPE.float) to.i = BigInt(ELEMENT_TYPE.float16);
    const shown = node.output.filter((name) => floats.has(name) && this.#fixed.has(name));
    node.output = node.output.map((name) => {
      if (!floats.has(name)) return name;
      const half = shown.includes(name) ? this.#newName(`${name}_fp16`) : name;
      this.#half.set(name, half);
      return half;
    });
    this.#out.push(node);
    for (const name of shown) {
      this.#out.push(castNode(this.#half.get(name)!, name, ELEMENT_TYPE.float));
      this.#float.set(name, name);
    }
  }

  #asHalf(name: string): string {
    if (!this.#facts.floats.has(name)) return name;
    const known = this.#half.get(name);
    if (known !== undefined) return known;
    const half = this.#newName(`${name}_fp16`);
    this.#out.push(castNode(name, half, ELEMENT_TYPE.float16));
    this.#half.set(name, half);
    return half;
  }

  #asFloat(name: string): string {
    if (!this.#facts.floats.has(name)) return name;
    const known = this.#float.get(name);
    if (known !== undefined) return known;
    const float = this.#newName(`${name}_fp32`);
    this.#out.push(castNode(this.#half.get(name) ?? name, float, ELEMENT_TYPE.float));
    this.#float.set(name, float);
    return float;
  }

  /** Puts the 16-bit constants in the place of the 32-bit ones that nothing uses any more. */
  #replaceConstants(inFloat: ReadonlySet<string>): void {
    const halves = new Map(this.#halfTensors.map((tensor) => [tensor.name, tensor]));
    const { initializer } = this.#graph;
    const own = new Set(initializer.map(({ name }) => name));
    const added = this.#halfTensors.filter(({ name }) => !own.has(name));
    this.#graph.initializer = [
      ...initializer.map((tensor) => (inFloat.has(tensor.name) ? tensor : (halves.get(tensor.name) ?? tensor))),
      ...added,
    ];
    if (added.length > 0) allowUnlistedConstants(this.#model);
  }

  /** Corrects what the file says of types: of values in between, and of constants among the inputs. */
  #retypeValues(): void {
    for (const value of [...this.#graph.valueInfo, ...this.#graph.input]) {
      const isHalf = this.#half.get(value.name) === value.name;
      const tensor = value.type?.tensorType;
      if (tensor !== undefined && isHalf && elementTypeOf(value) === ELEMENT_TYPE.float) {
        tensor.elemType = ELEMENT_TYPE.float16;
      }
    }
  }

  #newName(wanted: string): string {
    let name = wanted;
    while (this.#names.has(name)) name += '_';
    this.#names.add(name);
    return name;
  }
}

const isClamped = (value: number): boolean => Math.abs(value) > FLOAT16_MAX && Math.abs(value) !== Infinity;

function float16Bytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setUint16(i * 2, toFloat16Bits(values[i]!), true);
  return bytes;
}
