import { capturedBy, integerAttribute, isStandard, operatorSetOf } from '../../../onnx/onnx-graph.js';
import type { OnnxModel } from '../../../onnx/onnx-file.js';
import { ELEMENT_TYPE, sizeOf } from '../../../onnx/onnx-tensor.js';
import type { NodeProto, TensorProto } from '../../../onnx/schema/onnx_pb.js';
import { activationOf, ACTIVATION, type Activation } from './activations.js';
import { findConstants, halvesOf, numbersOf } from './graph-constants.js';
import { paddingOf } from './padding.js';
import { windowOf, type Shape, type SlidingWindow } from './sliding-window.js';
import { inferShapes } from './value-shapes.js';

/** When {@link PlannedConvolution.residual} is added: not at all, before the activation, or after it. */
export const RESIDUAL = { none: 0, before: 1, after: 2 } as const;

/** A convolution with what is computed in the same kernel. */
export interface PlannedConvolution {
  /** All nodes that it stands for. */
  readonly nodes: ReadonlySet<NodeProto>;
  /** Name of what it goes over. */
  readonly input: string;
  /** Name of what it gives. */
  readonly output: string;
  /** [M, C ÷ group, kernel height, kernel width], 32-bit or 16-bit floats. */
  readonly weights: TensorProto;
  /** Name of the constant that {@link weights} is. */
  readonly weightsName: string;
  /** By channel of the result. */
  readonly bias: Float32Array;
  /** How it goes over the picture, with the padding in front of it. */
  readonly window: SlidingWindow;
  /** Into how many groups the channels are shared out, 1 … M. */
  readonly group: number;
  /** What becomes of the sums. */
  readonly activation: Activation;
  /** Name of what is added, of the same shape as the result, and when; absent where nothing is. */
  readonly residual?: { readonly value: string; readonly when: 1 | 2 };
}

/** A convolution that stays as it is. */
export interface LeftConvolution {
  /** For the log. */
  readonly why: string;
}

/** An activation, and the nodes that compute it. */
interface FoundActivation {
  readonly nodes: readonly NodeProto[];
  readonly activation: Activation;
}

/** Channels of a value stand behind the batch. */
const RANK = 4;

/** Finds for each convolution of a graph what can be computed together with it. Each node is used once. */
export class ConvolutionPlanner {
  readonly #constants: ReadonlyMap<string, TensorProto>;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #operatorSet: number;
  readonly #makers = new Map<string, NodeProto>();
  readonly #takers = new Map<string, NodeProto[]>();
  /** Names that somebody else looks at: callers, and graphs within nodes. */
  readonly #fixed: ReadonlySet<string>;
  readonly #used = new Set<NodeProto>();

  constructor(model: OnnxModel) {
    const { graph } = model;
    this.#operatorSet = operatorSetOf(model);
    this.#constants = findConstants(graph);
    this.#shapes = inferShapes(graph, this.#constants, this.#operatorSet);
    this.#fixed = new Set([...graph.output.map(({ name }) => name), ...graph.node.flatMap(capturedBy)]);
    for (const node of graph.node) {
      for (const name of node.output) this.#makers.set(name, node);
      for (const name of node.input) this.#takers.set(name, [...(this.#takers.get(name) ?? []), node]);
    }
  }

  /**
   * What becomes of one convolution; ask in the order of the nodes.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if a constant is damaged.
   */
  plan(node: NodeProto): PlannedConvolution | LeftConvolution {
    const [ownInput = '', weightsName = '', biasName = ''] = node.input;
    const weights = this.#constants.get(weightsName);
    const [channels, , ...kernel] = weights?.dims.map(Number) ?? [];
    if (weights === undefined || channels === undefined) return { why: 'computed weights' };
    if (weights.dataType !== ELEMENT_TYPE.float && !halvesOf(weights)) return { why: 'weights of another type' };
    const ownWindow = windowOf(node, kernel, this.#shapes.get(ownInput));
    if (ownWindow === undefined)
      return { why: 'a window with gaps, not of two dimensions, or that depends on the size' };
    const bias = this.#biasOf(biasName, channels);
    if (bias === undefined) return { why: 'a computed bias' };

    const padded = this.#joinPadding(node, ownInput, ownWindow);
    const { outer, ...rest } = this.#follow(node, channels, bias);
    const nodes = new Set([...padded.nodes, node, ...outer]);
    for (const each of nodes) this.#used.add(each);
    const group = integerAttribute(node, 'group') ?? 1;
    return { nodes, weights, weightsName, group, ...rest, input: padded.input, window: padded.window };
  }

  #biasOf(name: string, channels: number): Float32Array | undefined {
    if (name === '') return new Float32Array(channels);
    const tensor = this.#constants.get(name);
    // A copy: what is added later is added to it.
    const numbers = tensor && numbersOf(tensor)?.slice();
    return numbers?.length === channels ? numbers : undefined;
  }

  #joinPadding(
    node: NodeProto,
    input: string,
    window: SlidingWindow,
  ): Pick<PlannedConvolution, 'input' | 'window'> & { readonly nodes: readonly NodeProto[] } {
    const pad = this.#makers.get(input);
    const asItIs = { input, window, nodes: [] };
    if (pad?.opType !== 'Pad' || !isStandard(pad) || this.#onlyTaker(input) !== node) return asItIs;
    const added = paddingOf(pad, this.#constants, this.#operatorSet);
    const all = added && [...added.before, ...added.after];
    if (all?.length !== 2 * RANK || all.some((each) => each < 0)) return asItIs;
    const [batch, channels, top, left, batchEnd, channelsEnd, bottom, right] = all as [
      ...SlidingWindow['pads'],
      ...SlidingWindow['pads'],
    ];
    if (batch + channels + batchEnd + channelsEnd > 0) return asItIs;
    const [ownTop, ownLeft, ownBottom, ownRight] = window.pads;
    const pads = [ownTop + top, ownLeft + left, ownBottom + bottom, ownRight + right] as const;
    return { input: pad.input[0] ?? '', window: { ...window, pads }, nodes: [pad] };
  }

  /** Goes on from the result of a convolution, as long as what comes next belongs to it. */
  #follow(node: NodeProto, channels: number, bias: Float32Array) {
    const outer: NodeProto[] = [];
    const shape = this.#shapes.get(node.output[0] ?? '');
    let output = node.output[0] ?? '';
    let activation: Activation = { kind: ACTIVATION.none };
    let residual: PlannedConvolution['residual'];
    for (;;) {
      const isLinear: boolean = activation.kind === ACTIVATION.none;
      const sum = residual?.when === RESIDUAL.after ? undefined : this.#sum(output, channels, shape);
      const found: FoundActivation | undefined = isLinear ? this.#activation(output, channels) : undefined;
      if (sum?.bias && isLinear && residual === undefined) {
        for (let i = 0; i < channels; i++) bias[i]! += sum.bias[sum.bias.length === 1 ? 0 : i]!;
        outer.push(sum.node);
      } else if (sum?.other !== undefined && residual === undefined) {
        residual = { value: sum.other, when: isLinear ? RESIDUAL.before : RESIDUAL.after };
        outer.push(sum.node);
      } else if (found && residual?.when !== RESIDUAL.after) {
        activation = found.activation;
        outer.push(...found.nodes);
      } else {
        return { outer, output, bias, activation, ...(residual && { residual }) };
      }
      output = outer.at(-1)!.output[0] ?? '';
    }
  }

  /** The addition of a bias, or of another value of the same shape, if that is all that is done with a value. */
  #sum(
    value: string,
    channels: number,
    shape: Shape | undefined,
  ): { readonly node: NodeProto; readonly bias?: Float32Array; readonly other?: string } | undefined {
    const node = this.#onlyTaker(value);
    if (node?.opType !== 'Add' || !isStandard(node)) return undefined;
    const other = node.input[node.input[0] === value ? 1 : 0] ?? '';
    const constant = this.#constants.get(other);
    if (constant !== undefined) {
      const bias = this.#byChannel(constant, channels);
      return bias && { node, bias };
    }
    const own = this.#shapes.get(other);
    const isSame = shape?.length === RANK && own?.length === RANK && shape.every((side, axis) => side === own[axis]);
    return isSame ? { node, other } : undefined;
  }

  #activation(value: string, channels: number): FoundActivation | undefined {
    const node = this.#onlyTaker(value);
    if (node === undefined) return this.#gate(value);
    if (!isStandard(node) || node.input[0] !== value) return undefined;
    const activation = activationOf(node, this.#constants, this.#operatorSet, (slope) =>
      this.#byChannel(slope, channels),
    );
    return activation && { nodes: [node], activation };
  }

  /** x · Sigmoid(x), where nobody else needs either. */
  #gate(value: string): FoundActivation | undefined {
    const takers = this.#fixed.has(value) ? [] : (this.#takers.get(value) ?? []);
    const sigmoid = takers.find((node) => node.opType === 'Sigmoid' && isStandard(node));
    const product = takers.find((node) => node.opType === 'Mul' && isStandard(node));
    const gate = sigmoid?.output[0];
    if (takers.length !== 2 || !sigmoid || !product || gate === undefined) return undefined;
    if (this.#onlyTaker(gate) !== product || [sigmoid, product].some((node) => this.#used.has(node))) return undefined;
    return { nodes: [sigmoid, product], activation: { kind: ACTIVATION.silu } };
  }

  /** Numbers by channel, or one for all, if a constant is that beside a value of four dimensions. */
  #byChannel(constant: TensorProto, channels: number): Float32Array | undefined {
    const dims = constant.dims.map(Number);
    const isOne = sizeOf(constant) === 1 && dims.length <= RANK;
    const spread = Array.from({ length: RANK }, (_, axis) => dims[axis - RANK + dims.length] ?? 1);
    const isEach = dims.length <= RANK && spread[1] === channels && sizeOf(constant) === channels;
    return isOne || isEach ? numbersOf(constant) : undefined;
  }

  /** Who takes a value, if it is one node that does so once, and is not part of another convolution. */
  #onlyTaker(value: string): NodeProto | undefined {
    const takers = this.#takers.get(value) ?? [];
    const [node] = takers;
    if (takers.length !== 1 || node === undefined || this.#fixed.has(value) || this.#used.has(node)) return undefined;
    return node;
  }
}

/** Whether a node is a convolution of ONNX's own that could be replaced. */
export const isConvolution = (node: NodeProto): boolean => node.opType === 'Conv' && isStandard(node);
