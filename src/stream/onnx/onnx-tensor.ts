import { create } from '@bufbuild/protobuf';
import { DiptychError } from '../../shared/domain/errors.js';
import { TensorProtoSchema, type TensorProto } from './schema/onnx_pb.js';

/** Element types that the conversions distinguish: values of `TensorProto.DataType`. A file may have others. */
export const ELEMENT_TYPE = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 } as const;

const FLOAT_BYTES = 4;
const INT64_BYTES = 8;

/**
 * How many numbers the shape of a tensor says it has: 1 for a scalar, whose shape is empty.
 */
export const sizeOf = ({ dims }: TensorProto): number => Number(dims.reduce((product, side) => product * side, 1n));

/**
 * The numbers of a tensor of 32-bit floats, in row-major order.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if there are more or fewer than the shape says.
 */
export function floatsOf(tensor: TensorProto): Float32Array {
  const { rawData, floatData } = tensor;
  if (rawData.length === 0) return checked(tensor, Float32Array.from(floatData));
  expectBytes(tensor, FLOAT_BYTES);
  const values = new Float32Array(rawData.length / FLOAT_BYTES);
  const view = viewOf(rawData);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(i * FLOAT_BYTES, true);
  return values;
}

/**
 * The numbers of a tensor of 64-bit integers, in row-major order.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if there are more or fewer than the shape says.
 */
export function integersOf(tensor: TensorProto): readonly bigint[] {
  const { rawData, int64Data } = tensor;
  if (rawData.length === 0) return checked(tensor, int64Data);
  expectBytes(tensor, INT64_BYTES);
  const view = viewOf(rawData);
  return Array.from({ length: rawData.length / INT64_BYTES }, (_, i) => view.getBigInt64(i * INT64_BYTES, true));
}

/** A tensor of 32-bit floats. `values` is in row-major order, as many as `dims` multiply to. */
export function floatTensor(name: string, dims: readonly number[], values: Float32Array): TensorProto {
  const rawData = new Uint8Array(values.length * FLOAT_BYTES);
  const view = viewOf(rawData);
  for (let i = 0; i < values.length; i++) view.setFloat32(i * FLOAT_BYTES, values[i]!, true);
  return rawTensor(name, dims, ELEMENT_TYPE.float, rawData);
}

/** A tensor of 64-bit integers. `values` is in row-major order, as many as `dims` multiply to. */
export function integerTensor(name: string, dims: readonly number[], values: readonly bigint[]): TensorProto {
  const rawData = new Uint8Array(values.length * INT64_BYTES);
  const view = viewOf(rawData);
  for (const [i, value] of values.entries()) view.setBigInt64(i * INT64_BYTES, value, true);
  return rawTensor(name, dims, ELEMENT_TYPE.int64, rawData);
}

/** A tensor of any element type. `rawData` holds the elements in row-major order, little-endian. */
export const rawTensor = (name: string, dims: readonly number[], dataType: number, rawData: Uint8Array): TensorProto =>
  create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType, rawData });

function checked<T extends ArrayLike<unknown>>(tensor: TensorProto, values: T): T {
  if (values.length === sizeOf(tensor)) return values;
  throw wrongSize(tensor, `${values.length} numbers`);
}

function expectBytes(tensor: TensorProto, bytesPerElement: number): void {
  const { length } = tensor.rawData;
  if (length !== sizeOf(tensor) * bytesPerElement) throw wrongSize(tensor, `${length} bytes`);
}

const wrongSize = ({ name, dims }: TensorProto, got: string): DiptychError =>
  new DiptychError('DIPTYCH_E_MODEL', `the file is damaged: tensor "${name}" of shape [${dims.join(', ')}] has ${got}`);

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
