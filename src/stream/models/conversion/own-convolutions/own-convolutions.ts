import { create } from '@bufbuild/protobuf';
import type { OnnxModel } from '../../../onnx/onnx-file.js';
import { depthwiseShare, MANY_DEPTHWISE } from '../../../onnx/depthwise-share.js';
import { allowUnlistedConstants, capturedBy, subgraphsOf } from '../../../onnx/onnx-graph.js';
import { ELEMENT_TYPE, floatTensor, sizeOf } from '../../../onnx/onnx-tensor.js';
import {
  AttributeProto_AttributeType as AttributeType,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from '../../../onnx/schema/onnx_pb.js';
import { ACTIVATION } from './activations.js';
import { ConvolutionPlanner, isConvolution, RESIDUAL, type PlannedConvolution } from './convolution-plan.js';
import { innermostChannels } from './dense-weights.js';
import { halvesOf } from './graph-constants.js';

/** Domain of the operators that the native addon brings: native/src/ort/convolution.hpp. */
const OWN_DOMAIN = 'diptych';
const OWN_VERSION = 1n;

/** The operators: of 16 bits over all channels, and over groups of channels with 16 and 32 bits. */
export type OwnOperator = 'DenseConv' | 'DirectConv16' | 'DirectConv32';

/** What was replaced. */
export interface OwnConvolutionsReport {
  /** Convolutions of the graph that are operators of our own now. */
  readonly replaced: number;
  /** The same, by operator. */
  readonly operators: Readonly<Partial<Record<OwnOperator, number>>>;
  /** How many stay as they are, by the reason. */
  readonly left: Readonly<Record<string, number>>;
}

/** A network of 32 bits with more weights is faster by cuDNN, which takes a second and more to open. */
const MOST_WEIGHTS_32 = 1_000_000;

/** Pixels of the input that a tile of 8 × 8 of `DenseConv` may see: `kMostPatch` of native/kernels/conv_params.h. */
const MOST_PATCH = 289;
const TILE_SIDE = 8;

/** What computes weighted sums as well, and is left to cuDNN. */
const OTHERS_OF_CUDNN = new Set(['ConvTranspose', 'ConvInteger', 'QLinearConv', 'DeformConv']);

/**
 * Replaces a network's convolutions, in place, by operators that also add the bias and what else is added, and compute
 * the activation. Those of 16 bits are replaced wherever they can be; those of 32 only if all of the network can be, so
 * that cuDNN is not needed at all, and it is a small network of many depthwise convolutions.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if a constant is damaged.
 */
export function useOwnConvolutions(model: OnnxModel): OwnConvolutionsReport {
  const { graph } = model;
  const nodes = graph.node.filter(isConvolution);
  const planner = new ConvolutionPlanner(model);
  const plans: PlannedConvolution[] = [];
  const left: Record<string, number> = {};
  const leave = (why: string, count = 1): void => void (left[why] = (left[why] ?? 0) + count);
  for (const node of nodes) {
    const plan = planner.plan(node);
    if ('why' in plan) leave(plan.why);
    else plans.push(plan);
  }
  const why = whyNotInFloat(graph, nodes.length, plans);
  const chosen = plans.filter(({ weights }) => why === undefined || weights.dataType === ELEMENT_TYPE.float16);
  if (chosen.length < plans.length) leave(why!, plans.length - chosen.length);

  const operators: Partial<Record<OwnOperator, number>> = {};
  for (const plan of chosen) operators[operatorOf(plan)] = (operators[operatorOf(plan)] ?? 0) + 1;
  if (chosen.length > 0) new Replacer(model).replace(chosen);
  return { replaced: chosen.length, operators, left };
}

function whyNotInFloat(
  graph: GraphProto,
  convolutions: number,
  plans: readonly PlannedConvolution[],
): string | undefined {
  const usesOthers = (inner: GraphProto): boolean =>
    inner.node.some((node) => OTHERS_OF_CUDNN.has(node.opType) || subgraphsOf(node).some((each) => usesAny(each)));
  const usesAny = (inner: GraphProto): boolean => inner.node.some(isConvolution) || usesOthers(inner);
  if (plans.length < convolutions || usesOthers(graph)) return '32 bits, and others of the network need cuDNN';
  if (depthwiseShare(graph) < MANY_DEPTHWISE) return '32 bits, and few of the network are depthwise';
  const count = plans.reduce((sum, { weights }) => sum + sizeOf(weights), 0);
  return count <= MOST_WEIGHTS_32 ? undefined : '32 bits, and the network is large';
}

function operatorOf({ weights, group, window: { kernel, strides } }: PlannedConvolution): OwnOperator {
  if (weights.dataType === ELEMENT_TYPE.float) return 'DirectConv32';
  const [height, width] = [0, 1].map((axis) => (TILE_SIDE - 1) * strides[axis]! + kernel[axis]!);
  return group === 1 && height! * width! <= MOST_PATCH ? 'DenseConv' : 'DirectConv16';
}

class Replacer {
  readonly #model: OnnxModel;
  readonly #names: Set<string>;
  readonly #added: TensorProto[] = [];
  /** Names of weights as `DenseConv` wants them, by the constant that they were. */
  readonly #dense = new Map<string, string>();

  constructor(model: OnnxModel) {
    const { node, initializer, input } = model.graph;
    this.#model = model;
    this.#names = new Set([
      ...[...initializer, ...input].map(({ name }) => name),
      ...node.flatMap((each) => [...each.input, ...each.output, ...capturedBy(each)]),
    ]);
  }

  replace(plans: readonly PlannedConvolution[]): void {
    const { graph } = this.#model;
    const planOf = new Map(plans.flatMap((plan) => [...plan.nodes].map((node) => [node, plan] as const)));
    const isLast = (node: NodeProto): boolean => node.output[0] === planOf.get(node)?.output;
    graph.node = graph.node.flatMap((node) => {
      const plan = planOf.get(node);
      if (plan === undefined) return [node];
      return isLast(node) ? [this.#nodeFor(plan)] : [];
    });
    graph.initializer.push(...this.#added);
    removeUnused(graph);
    allowUnlistedConstants(this.#model);
    this.#model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: OWN_DOMAIN, version: OWN_VERSION }));
  }

  #nodeFor(plan: PlannedConvolution): NodeProto {
    const { output, window, group, activation, residual } = plan;
    const slope = activation.kind === ACTIVATION.slope ? this.#vector(`${output}/slope`, activation.slope, plan) : '';
    const bias = this.#vector(`${output}/bias`, plan.bias, plan);
    const more = residual ? [slope, residual.value] : slope === '' ? [] : [slope];
    const geometry = [...window.kernel, ...window.strides, ...window.pads, group, activation.kind];
    const ints = [...geometry, residual?.when ?? RESIDUAL.none].map(BigInt);
    return create(NodeProtoSchema, {
      name: output,
      opType: operatorOf(plan),
      domain: OWN_DOMAIN,
      input: [plan.input, this.#weightsFor(plan), bias, ...more],
      output: [output],
      attribute: [{ name: 'geometry', ints, type: AttributeType.INTS }],
    });
  }

  /** A number for each channel of the result. */
  #vector(wanted: string, numbers: Float32Array, { weights }: PlannedConvolution): string {
    const channels = Number(weights.dims[0]);
    const all = numbers.length === channels ? numbers : new Float32Array(channels).fill(numbers[0]!);
    return this.#add(floatTensor(this.#newName(wanted), [channels], all));
  }

  /** Those of `DenseConv` are written anew, once for all convolutions that use them. */
  #weightsFor(plan: PlannedConvolution): string {
    const { weights, weightsName } = plan;
    if (operatorOf(plan) !== 'DenseConv') return weightsName;
    const known = this.#dense.get(weightsName);
    if (known !== undefined) return known;
    const name = this.#newName(`${weightsName}/dense`);
    this.#dense.set(weightsName, name);
    return this.#add(innermostChannels(weights.dims.map(Number), halvesOf(weights)!, name));
  }

  #add(tensor: TensorProto): string {
    this.#added.push(tensor);
    return tensor.name;
  }

  #newName(wanted: string): string {
    let name = wanted;
    while (this.#names.has(name)) name += '_';
    this.#names.add(name);
    return name;
  }
}

/** Removes constants that nothing takes any more, also where an old file lists them as inputs. */
function removeUnused(graph: GraphProto): void {
  const used = new Set([
    ...graph.output.map(({ name }) => name),
    ...graph.node.flatMap((node) => [...node.input, ...capturedBy(node)]),
  ]);
  const constants = new Set(graph.initializer.map(({ name }) => name));
  graph.initializer = graph.initializer.filter(({ name }) => used.has(name));
  graph.input = graph.input.filter(({ name }) => used.has(name) || !constants.has(name));
  graph.node = graph.node.filter(({ opType, output }) => opType !== 'Constant' || used.has(output[0] ?? ''));
  const made = new Set([...used, ...graph.node.flatMap(({ output }) => output)]);
  graph.valueInfo = graph.valueInfo.filter(({ name }) => made.has(name));
}
