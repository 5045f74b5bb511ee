import { attributeOf } from '../../../onnx/onnx-graph.js';
import { ELEMENT_TYPE, floatsOf, floatTensor, integersOf, integerTensor, sizeOf } from '../../../onnx/onnx-tensor.js';
import type { GraphProto, NodeProto, TensorProto } from '../../../onnx/schema/onnx_pb.js';
import { fromFloat16Bits } from '../float16.js';

const FLOAT16_BYTES = 2;

/** All constants of a graph by name: initializers, and the results of `Constant` nodes. */
export function findConstants({ initializer, node }: GraphProto): ReadonlyMap<string, TensorProto> {
  const ofNodes = node.filter(({ opType }) => opType === 'Constant');
  return new Map([
    ...initializer.map((tensor) => [tensor.name, tensor] as const),
    ...ofNodes.flatMap((each) => {
      const tensor = tensorOf(each);
      return tensor === undefined ? [] : [[each.output[0] ?? '', tensor] as const];
    }),
  ]);
}

/**
 * The numbers of a constant of 32-bit or 16-bit floats, in row-major order; `undefined` where it is of another type, or
 * has 16-bit floats that are written one by one, which hardly any file does.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if there are more or fewer 32-bit floats than the shape says.
 */
export function numbersOf(tensor: TensorProto): Float32Array | undefined {
  if (tensor.dataType === ELEMENT_TYPE.float) return floatsOf(tensor);
  const halves = halvesOf(tensor);
  return halves && Float32Array.from(halves, fromFloat16Bits);
}

/** The bits of a constant's 16-bit floats, in row-major order; `undefined` where {@link numbersOf} is. */
export function halvesOf(tensor: TensorProto): Uint16Array | undefined {
  const { rawData, dataType } = tensor;
  if (dataType !== ELEMENT_TYPE.float16 || rawData.length !== sizeOf(tensor) * FLOAT16_BYTES) return undefined;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const halves = new Uint16Array(sizeOf(tensor));
  for (let i = 0; i < halves.length; i++) halves[i] = view.getUint16(i * FLOAT16_BYTES, true);
  return halves;
}

/** The only number of a constant of floats; `undefined` where it has several, or is no such constant. */
export function scalarOf(tensor: TensorProto | undefined): number | undefined {
  return tensor === undefined || sizeOf(tensor) !== 1 ? undefined : numbersOf(tensor)?.[0];
}

/** The numbers of a constant of 64-bit integers, in row-major order; `undefined` where it is none. */
export function wholeNumbersOf(tensor: TensorProto | undefined): readonly number[] | undefined {
  return tensor?.dataType === ELEMENT_TYPE.int64 ? integersOf(tensor).map(Number) : undefined;
}

/** A `Constant` gives a tensor, or numbers without a tensor around them. */
function tensorOf(node: NodeProto): TensorProto | undefined {
  const name = node.output[0] ?? '';
  const tensor = attributeOf(node, 'value')?.t;
  if (tensor !== undefined) return tensor;
  const float = attributeOf(node, 'value_float');
  if (float !== undefined) return floatTensor(name, [], Float32Array.of(float.f));
  const floats = attributeOf(node, 'value_floats')?.floats;
  if (floats !== undefined) return floatTensor(name, [floats.length], Float32Array.from(floats));
  const integer = attributeOf(node, 'value_int');
  if (integer !== undefined) return integerTensor(name, [], [integer.i]);
  const integers = attributeOf(node, 'value_ints')?.ints;
  return integers && integerTensor(name, [integers.length], integers);
}
