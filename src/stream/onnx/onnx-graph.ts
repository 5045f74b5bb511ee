import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  NodeProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type ValueInfoProto,
} from './schema/onnx_pb.js';
import type { OnnxModel } from './onnx-file.js';

/** One size of a tensor's shape. If it is only known at run time: its name, `undefined` if it has none. */
export type Dimension = number | string | undefined;

/** Names of the domain of ONNX's own operators. */
const STANDARD_DOMAINS: readonly string[] = ['', 'ai.onnx'];
/** From this IR version on, constants need not be listed as inputs. */
const CONSTANTS_ARE_NOT_INPUTS = 4n;

/** Version of ONNX's own operators that the model uses; 1 if the file does not say. */
export const operatorSetOf = ({ opsetImport }: OnnxModel): number =>
  Number(opsetImport.find(({ domain }) => STANDARD_DOMAINS.includes(domain))?.version ?? 1);

/** Raises an old file's IR version, so that a constant can be added without listing it as an input. */
export function allowUnlistedConstants(model: OnnxModel): void {
  if (model.irVersion < CONSTANTS_ARE_NOT_INPUTS) model.irVersion = CONSTANTS_ARE_NOT_INPUTS;
}

/** The inputs that a caller provides: old files list constants among the inputs as well. */
export function networkInputs({ input, initializer }: GraphProto): readonly ValueInfoProto[] {
  const constants = new Set(initializer.map(({ name }) => name));
  return input.filter(({ name }) => !constants.has(name));
}

/** The graphs within a node: the branches of an `If`, the body of a `Loop` or `Scan`. */
export const subgraphsOf = ({ attribute }: NodeProto): readonly GraphProto[] =>
  attribute.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]));

/** Names of values that the graphs within a node take from the graph around it. */
export const capturedBy = (node: NodeProto): readonly string[] =>
  subgraphsOf(node).flatMap((graph) => [...capturedNames(graph)]);

function capturedNames({ input, initializer, node, output }: GraphProto): ReadonlySet<string> {
  const own = new Set([
    ...input.map(({ name }) => name),
    ...initializer.map(({ name }) => name),
    ...node.flatMap((each) => each.output),
  ]);
  const used = [...output.map(({ name }) => name), ...node.flatMap((each) => [...each.input, ...capturedBy(each)])];
  return new Set(used.filter((name) => name !== '' && !own.has(name)));
}

/** Whether it is one of ONNX's own operators, not one of an extension. */
export const isStandard = ({ domain }: NodeProto): boolean => STANDARD_DOMAINS.includes(domain);

/** How messages name a node: its operator and its name, or the name of its first output. */
export function labelOf({ opType, name, output }: NodeProto): string {
  return `${opType} ${name || (output.find((each) => each !== '') ?? '')}`.trim();
}

/** The attribute of that name, if the node has it. */
export const attributeOf = ({ attribute }: NodeProto, name: string): AttributeProto | undefined =>
  attribute.find((each) => each.name === name);

/** The value of an integer attribute; `undefined` if the node lacks it. */
export function integerAttribute(node: NodeProto, name: string): number | undefined {
  const attribute = attributeOf(node, name);
  return attribute && Number(attribute.i);
}

/** A node that changes the element type of a value. */
export const castNode = (input: string, output: string, to: number): NodeProto =>
  create(NodeProtoSchema, {
    name: `${output}/cast`,
    opType: 'Cast',
    input: [input],
    output: [output],
    attribute: [{ name: 'to', i: BigInt(to), type: AttributeType.INT }],
  });

/** Element type of a value; `undefined` if it is not a tensor, or the file does not say. */
export const elementTypeOf = ({ type }: ValueInfoProto): number | undefined => type?.tensorType?.elemType || undefined;

/** Shape of a value; `undefined` if it is not a tensor, or the file does not say. */
export const shapeOf = ({ type }: ValueInfoProto): readonly Dimension[] | undefined =>
  type?.tensorType?.shape?.dim.map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : value.value || undefined,
  );

/** Leaves the size of a value's first dimension to run time, and gives it a name. */
export function nameFirstDimension({ type }: ValueInfoProto, name: string): void {
  const dimension = type?.tensorType?.shape?.dim[0];
  if (dimension !== undefined) dimension.value = { case: 'dimParam', value: name };
}

/**
 * Leaves every size of a value to run time, but not how many there are: ONNX Runtime joins more of the operators behind
 * an input whose dimensions it knows by number.
 */
export function forgetSizes({ type }: ValueInfoProto): void {
  for (const dimension of type?.tensorType?.shape?.dim ?? []) dimension.value = { case: undefined };
}

/** Removes what the file says of a value's shape; whoever loads the file infers it. */
export function forgetShape({ type }: ValueInfoProto): void {
  if (type?.tensorType !== undefined) type.tensorType.shape = undefined;
}
