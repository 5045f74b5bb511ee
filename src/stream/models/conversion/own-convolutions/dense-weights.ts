import { ELEMENT_TYPE, rawTensor } from '../../../onnx/onnx-tensor.js';
import type { TensorProto } from '../../../onnx/schema/onnx_pb.js';

/** The matrix unit of a GPU takes so many channels at a time. */
const CHANNELS_AT_A_TIME = 16;
const FLOAT16_BYTES = 2;

/**
 * The weights of a convolution over all channels, for `DenseConv`: a row for each channel of the result, in it the
 * kernel's rows, in those its columns, and innermost the channels, with zeros up to a multiple of 16.
 *
 * @param dims - [M, C, kernel height, kernel width]
 * @param halves - bits of the 16-bit floats, in row-major order
 */
export function innermostChannels(dims: readonly number[], halves: Uint16Array, name: string): TensorProto {
  const [rows = 0, channels = 0, height = 0, width = 0] = dims;
  const padded = Math.ceil(channels / CHANNELS_AT_A_TIME) * CHANNELS_AT_A_TIME;
  const taps = height * width;
  const bytes = new Uint8Array(rows * taps * padded * FLOAT16_BYTES);
  const view = new DataView(bytes.buffer);
  for (let row = 0; row < rows; row++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let tap = 0; tap < taps; tap++) {
        const to = (row * taps + tap) * padded + channel;
        view.setUint16(to * FLOAT16_BYTES, halves[(row * channels + channel) * taps + tap]!, true);
      }
    }
  }
  return rawTensor(name, [rows, taps * padded], ELEMENT_TYPE.float16, bytes);
}
