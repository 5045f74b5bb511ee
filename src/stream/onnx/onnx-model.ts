import { DiptychError } from '../../shared/domain/errors.js';
import { littleEndianFloats, ProtobufMessage } from './protobuf-message.js';

/** Element types of tensors, those that are told apart here (`TensorProto.DataType`). */
export const ELEMENT_TYPE = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 } as const;

/** A size that is only known at run time is a name, or `undefined` where it has none. */
export type Dimension = number | string | undefined;

// Field numbers of onnx/onnx.proto (IR version 8).
const MODEL = { irVersion: 1, graph: 7, operatorSets: 8 } as const;
const OPERATOR_SET = { domain: 1, version: 2 } as const;
const GRAPH = { nodes: 1, initializers: 5, inputs: 11, outputs: 12, valueInfo: 13 } as const;
const NODE = { inputs: 1, outputs: 2, name: 3, operator: 4, attributes: 5, domain: 7 } as const;
const ATTRIBUTE = {
  name: 1,
  float: 2,
  integer: 3,
  text: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  graphs: 11,
} as const;
const TENSOR = {
  dims: 1,
  type: 2,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  raw: 9,
  externalData: 13,
  location: 14,
} as const;
const VALUE = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR_TYPE = { element: 1, shape: 2 } as const;
const SHAPE = { dims: 1 } as const;
const DIM = { value: 1, name: 2 } as const;

/** From this IR version on, constants need not be listed as inputs, too. */
const CONSTANTS_ARE_NO_INPUTS = 4;

/** An ONNX file that can be changed; what is not touched is written as it was read. */
export class OnnxModel {
  readonly graph: OnnxGraphPart;
  readonly #message: ProtobufMessage;

  private constructor(message: ProtobufMessage, graph: ProtobufMessage) {
    this.#message = message;
    this.graph = new OnnxGraphPart(graph);
  }

  /**
   * @param path - what a message calls the file
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it is no ONNX file, or one with parts in other files.
   */
  static decode(bytes: Uint8Array, path: string): OnnxModel {
    let model: OnnxModel | undefined;
    try {
      const message = ProtobufMessage.decode(bytes);
      const graph = message.message(MODEL.graph);
      if (graph !== undefined && message.has(MODEL.irVersion)) model = new OnnxModel(message, graph);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    if (model === undefined) throw new DiptychError('DIPTYCH_E_MODEL', `${path} is no ONNX file, or it is cut off`);
    if (model.graph.initializers.some(({ isExternal }) => isExternal)) {
      throw new DiptychError('DIPTYCH_E_MODEL', `${path} keeps weights in other files; save it as one file first`);
    }
    return model;
  }

  /** Version of ONNX's own operators; 1 where the file does not say. */
  get operatorSet(): number {
    const sets = this.#message.messages(MODEL.operatorSets);
    const own = sets.find((set) => ['', 'ai.onnx'].includes(set.text(OPERATOR_SET.domain) ?? ''));
    return own?.integer(OPERATOR_SET.version) ?? 1;
  }

  /** Lets constants be added without listing them as inputs, which old files need. */
  allowConstants(): void {
    if ((this.#message.integer(MODEL.irVersion) ?? 0) >= CONSTANTS_ARE_NO_INPUTS) return;
    this.#message.replace(MODEL.irVersion, (message) => message.integer(MODEL.irVersion, CONSTANTS_ARE_NO_INPUTS));
  }

  encode(): Uint8Array {
    return this.#message.encode();
  }
}

/** The graph, or the one within a loop or branch. */
export class OnnxGraphPart {
  readonly #message: ProtobufMessage;

  constructor(message: ProtobufMessage) {
    this.#message = message;
  }

  get nodes(): OnnxModelNode[] {
    return this.#message.messages(GRAPH.nodes).map((message) => new OnnxModelNode(message));
  }

  set nodes(nodes: readonly OnnxModelNode[]) {
    this.#message.replaceMessages(
      GRAPH.nodes,
      nodes.map((node) => node.message),
    );
  }

  get initializers(): OnnxTensor[] {
    return this.#message.messages(GRAPH.initializers).map((message) => new OnnxTensor(message));
  }

  set initializers(tensors: readonly OnnxTensor[]) {
    this.#message.replaceMessages(
      GRAPH.initializers,
      tensors.map((tensor) => tensor.message),
    );
  }

  /** What goes in; old files list the constants here, too. */
  get inputs(): OnnxValueInfo[] {
    return this.#values(GRAPH.inputs);
  }

  get outputs(): OnnxValueInfo[] {
    return this.#values(GRAPH.outputs);
  }

  /** What the file says of values in between. */
  get valueInfo(): OnnxValueInfo[] {
    return this.#values(GRAPH.valueInfo);
  }

  /** Names of an outer graph's values that are used here. */
  get captured(): Set<string> {
    const own = new Set([
      ...this.inputs.map(({ name }) => name),
      ...this.initializers.map(({ name }) => name),
      ...this.nodes.flatMap(({ outputs }) => outputs),
    ]);
    const used = [
      ...this.outputs.map(({ name }) => name),
      ...this.nodes.flatMap((node) => [...node.inputs, ...node.subgraphs.flatMap((graph) => [...graph.captured])]),
    ];
    return new Set(used.filter((name) => name !== '' && !own.has(name)));
  }

  #values(field: number): OnnxValueInfo[] {
    return this.#message.messages(field).map((message) => new OnnxValueInfo(message));
  }
}

export class OnnxModelNode {
  readonly message: ProtobufMessage;

  constructor(message: ProtobufMessage) {
    this.message = message;
  }

  /** A change of element type. */
  static cast(input: string, output: string, type: number): OnnxModelNode {
    return new OnnxModelNode(
      ProtobufMessage.of((node) =>
        node
          .text(NODE.inputs, input)
          .text(NODE.outputs, output)
          .text(NODE.name, `${output}/cast`)
          .text(NODE.operator, 'Cast')
          .message(NODE.attributes, (attribute) =>
            attribute.text(ATTRIBUTE.name, 'to').integer(ATTRIBUTE.integer, type).integer(20, 2),
          ),
      ),
    );
  }

  get operator(): string {
    return this.message.text(NODE.operator) ?? '';
  }

  /** What a message calls it. */
  get label(): string {
    const name = this.message.text(NODE.name) || this.outputs.find((output) => output !== '');
    return `${this.operator} ${name ?? ''}`.trim();
  }

  /** Whether it is one of ONNX's own operators. */
  get isStandard(): boolean {
    return ['', 'ai.onnx'].includes(this.message.text(NODE.domain) ?? '');
  }

  get inputs(): readonly string[] {
    return this.message.texts(NODE.inputs);
  }

  set inputs(names: readonly string[]) {
    this.message.replace(NODE.inputs, (message) => names.forEach((name) => message.text(NODE.inputs, name)));
  }

  get outputs(): readonly string[] {
    return this.message.texts(NODE.outputs);
  }

  set outputs(names: readonly string[]) {
    this.message.replace(NODE.outputs, (message) => names.forEach((name) => message.text(NODE.outputs, name)));
  }

  integerAttribute(name: string): number | undefined {
    return this.#attribute(name)?.integer(ATTRIBUTE.integer);
  }

  setIntegerAttribute(name: string, value: number): void {
    this.#attribute(name)?.replace(ATTRIBUTE.integer, (message) => message.integer(ATTRIBUTE.integer, value));
  }

  /** The tensor that a `Constant` gives, or that an attribute of this name holds. */
  tensorAttribute(name: string): OnnxTensor | undefined {
    const tensor = this.#attribute(name)?.message(ATTRIBUTE.tensor);
    return tensor && new OnnxTensor(tensor);
  }

  /** The numbers that a `Constant` gives without a tensor around them. */
  get floatsOfConstant(): { readonly dims: readonly number[]; readonly values: Float32Array } | undefined {
    const one = this.#attribute('value_float')?.floats(ATTRIBUTE.float);
    if (one !== undefined) return { dims: [], values: one };
    const list = this.#attribute('value_floats')?.floats(ATTRIBUTE.floats);
    return list && { dims: [list.length], values: list };
  }

  /** Turns the node into one that adds zeros around `input`. */
  becomePad(input: string, sizes: string): void {
    this.message.replace(NODE.operator, (message) => message.text(NODE.operator, 'Pad'));
    this.message.remove(NODE.attributes);
    this.inputs = [input, sizes];
  }

  get subgraphs(): OnnxGraphPart[] {
    return this.message
      .messages(NODE.attributes)
      .flatMap((attribute) => [...attribute.messages(ATTRIBUTE.graph), ...attribute.messages(ATTRIBUTE.graphs)])
      .map((graph) => new OnnxGraphPart(graph));
  }

  #attribute(name: string): ProtobufMessage | undefined {
    return this.message.messages(NODE.attributes).find((attribute) => attribute.text(ATTRIBUTE.name) === name);
  }
}

/** A constant's numbers. */
export class OnnxTensor {
  readonly message: ProtobufMessage;

  constructor(message: ProtobufMessage) {
    this.message = message;
  }

  /** @param data - little-endian */
  static of(name: string, dims: readonly number[], type: number, data: Uint8Array): OnnxTensor {
    return new OnnxTensor(
      ProtobufMessage.of((tensor) => {
        for (const side of dims) tensor.integer(TENSOR.dims, side);
        tensor.integer(TENSOR.type, type).text(TENSOR.name, name).bytes(TENSOR.raw, data);
      }),
    );
  }

  get name(): string {
    return this.message.text(TENSOR.name) ?? '';
  }

  get type(): number {
    return this.message.integer(TENSOR.type) ?? 0;
  }

  get dims(): readonly number[] {
    return this.message.integers(TENSOR.dims).map(Number);
  }

  get isExternal(): boolean {
    return this.message.has(TENSOR.externalData) || this.message.integer(TENSOR.location) === 1;
  }

  /** The numbers of a tensor of 32-bit floats. */
  get floats(): Float32Array {
    const raw = this.message.bytes(TENSOR.raw);
    return raw === undefined ? this.message.floats(TENSOR.floatData) : littleEndianFloats(raw);
  }

  /** The numbers of a tensor of 64-bit whole numbers. */
  get integers(): readonly bigint[] {
    const raw = this.message.bytes(TENSOR.raw);
    if (raw === undefined) return this.message.integers(TENSOR.int64Data);
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    return Array.from({ length: Math.floor(raw.length / 8) }, (_, i) => view.getBigInt64(i * 8, true));
  }

  /** Keeps the shape and what else the file says of it. */
  setIntegers(values: readonly bigint[]): void {
    const data = new Uint8Array(values.length * 8);
    const view = new DataView(data.buffer);
    values.forEach((value, i) => view.setBigInt64(i * 8, value, true));
    this.message.remove(TENSOR.int64Data);
    this.message.replace(TENSOR.raw, (message) => message.bytes(TENSOR.raw, data));
  }
}

/** Name and type of what goes in, comes out, or flows in between. */
export class OnnxValueInfo {
  readonly #message: ProtobufMessage;

  constructor(message: ProtobufMessage) {
    this.#message = message;
  }

  get name(): string {
    return this.#message.text(VALUE.name) ?? '';
  }

  /** `undefined` for what is no tensor, or where the file does not say. */
  get elementType(): number | undefined {
    return this.#tensorType?.integer(TENSOR_TYPE.element);
  }

  setElementType(type: number): void {
    this.#tensorType?.replace(TENSOR_TYPE.element, (message) => message.integer(TENSOR_TYPE.element, type));
  }

  /** `undefined` where the file does not say. */
  get dims(): readonly Dimension[] | undefined {
    return this.#tensorType
      ?.message(TENSOR_TYPE.shape)
      ?.messages(SHAPE.dims)
      .map((dim) => dim.integer(DIM.value) ?? (dim.text(DIM.name) || undefined));
  }

  /** Gives the first dimension a name instead of a size. */
  nameFirstDimension(name: string): void {
    const dim = this.#tensorType?.message(TENSOR_TYPE.shape)?.messages(SHAPE.dims)[0];
    dim?.remove(DIM.value);
    dim?.replace(DIM.name, (message) => message.text(DIM.name, name));
  }

  /** Leaves the shape to whoever reads the file. */
  forgetShape(): void {
    this.#tensorType?.remove(TENSOR_TYPE.shape);
  }

  get #tensorType(): ProtobufMessage | undefined {
    return this.#message.message(VALUE.type)?.message(TYPE.tensor);
  }
}
