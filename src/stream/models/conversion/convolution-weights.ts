import { attributeOf } from '../../onnx/onnx-graph.js';
import { ELEMENT_TYPE, floatsOf, rawTensor, sizeOf } from '../../onnx/onnx-tensor.js';
import type { GraphProto, TensorProto } from '../../onnx/schema/onnx_pb.js';
import { fromFloat16Bits } from './float16.js';

/** Of which the channels in weights of `DenseConv` are a multiple: kConvSlice of native/kernels/conv_params.h. */
const CHANNEL_SLICE = 16;
const HALF_BYTES = 2;

/** All constants of a graph by name: its initializers, and what `Constant` nodes give. */
export function findConstants({ initializer, node }: GraphProto): ReadonlyMap<string, TensorProto> {
  const found = new Map(initializer.map((tensor) => [tensor.name, tensor]));
  for (const each of node) {
    const tensor = each.opType === 'Constant' ? attributeOf(each, 'value')?.t : undefined;
    if (tensor !== undefined) found.set(each.output[0] ?? '', tensor);
  }
  return found;
}

/**
 * The numbers of a tensor of 16- or 32-bit floats, in row-major order; `undefined` where it is of another type.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if there are more or fewer than the shape says.
 */
export function numbersOf(tensor: TensorProto): Float32Array | undefined {
  if (tensor.dataType === ELEMENT_TYPE.float) return floatsOf(tensor);
  const halves = halvesOf(tensor);
  return halves && Float32Array.from(halves, fromFloat16Bits);
}

/** The bits of a tensor of 16-bit floats; `undefined` where it is of another type, or has more or fewer than its shape says. */
export function halvesOf(tensor: TensorProto): Uint16Array | undefined {
  if (tensor.dataType !== ELEMENT_TYPE.float16) return undefined;
  const halves = littleEndian(tensor.rawData);
  return halves.length === sizeOf(tensor) ? halves : undefined;
}

/**
 * Weights as the operator `DenseConv` takes them.
 *
 * @param name - of the tensor that is made
 * @param weights - of 16-bit floats, [filters, channels, rows, columns]
 * @returns [filters, rows · columns · channels] with the channels innermost, padded with zeros to a multiple of 16;
 * `undefined` where the tensor is no such one
 */
export function denseWeights(name: string, weights: TensorProto): TensorProto | undefined {
  const [filters, channels, rows, columns] = weights.dims.map(Number);
  const from = halvesOf(weights);
  if (!filters || !channels || !rows || !columns || from === undefined) return undefined;
  const padded = Math.ceil(channels / CHANNEL_SLICE) * CHANNEL_SLICE;
  const window = rows * columns;
  const to = new Uint16Array(filters * window * padded);
  for (let filter = 0; filter < filters; filter++) {
    for (let channel = 0; channel < channels; channel++) {
      const first = (filter * channels + channel) * window;
      for (let place = 0; place < window; place++) {
        to[(filter * window + place) * padded + channel] = from[first + place]!;
      }
    }
  }
  return rawTensor(name, [filters, window * padded], ELEMENT_TYPE.float16, bytesOf(to));
}

function littleEndian(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: Math.floor(bytes.length / HALF_BYTES) }, (_, i) =>
    view.getUint16(i * HALF_BYTES, true),
  );
}

function bytesOf(halves: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(halves.length * HALF_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < halves.length; i++) view.setUint16(i * HALF_BYTES, halves[i]!, true);
  return bytes;
}
