import type { WeightMap } from '#src/stream/onnx/tfjs-weights.js';

/** Height × width × channels, as TensorFlow has it. */
interface Volume {
  readonly side: number;
  readonly channels: number;
  readonly data: Float64Array;
}

/**
 * dlib's face descriptor of one picture of 150×150 (RGB planes, 0 … 255), computed step by step from the
 * weights as they are published, in double precision, slowly: what the converted model is held to.
 */
export function describeFace(planes: Float32Array, weights: WeightMap): number[] {
  const get = (name: string): Float32Array => weights.get(name)!.data as Float32Array;

  /** Convolution, bias, then the learned scale and shift, each by itself. */
  const layer = (name: string, input: Volume, stride: number, isSame: boolean): Volume => {
    const [kernel, , channels, out] = weights.get(`${name}/conv/filters`)!.shape as [number, number, number, number];
    const filters = get(`${name}/conv/filters`);
    const margin = isSame ? (kernel - 1) / 2 : 0;
    const side = Math.floor((input.side + 2 * margin - kernel) / stride) + 1;
    const data = new Float64Array(side * side * out);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const target = data.subarray((y * side + x) * out, (y * side + x + 1) * out);
        for (let ky = 0; ky < kernel; ky++) {
          for (let kx = 0; kx < kernel; kx++) {
            const [sy, sx] = [y * stride + ky - margin, x * stride + kx - margin];
            if (sy < 0 || sx < 0 || sy >= input.side || sx >= input.side) continue;
            for (let c = 0; c < channels; c++) {
              const value = input.data[(sy * input.side + sx) * channels + c]!;
              const first = ((ky * kernel + kx) * channels + c) * out;
              for (let o = 0; o < out; o++) target[o]! += value * filters[first + o]!;
            }
          }
        }
      }
    }
    const [bias, scale, shift] = ['conv/bias', 'scale/weights', 'scale/biases'].map((part) => get(`${name}/${part}`));
    return {
      side,
      channels: out,
      data: data.map((value, i) => (value + bias![i % out]!) * scale![i % out]! + shift![i % out]!),
    };
  };

  const relu = (input: Volume): Volume => ({ ...input, data: input.data.map((value) => Math.max(0, value)) });

  const pool = (input: Volume, window: number, join: (values: readonly number[]) => number): Volume => {
    const side = Math.floor((input.side - window) / 2) + 1;
    const { channels } = input;
    const data = Float64Array.from({ length: side * side * channels }, (_, i) => {
      const [c, x, y] = [i % channels, Math.floor(i / channels) % side, Math.floor(i / channels / side)];
      const values = Array.from({ length: window * window }, (__, k) => {
        const [sy, sx] = [2 * y + Math.floor(k / window), 2 * x + (k % window)];
        return input.data[(sy * input.side + sx) * channels + c]!;
      });
      return join(values);
    });
    return { side, channels, data };
  };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  /** What is not there counts as zero, to the right, below and in the channels behind. */
  const at = ({ side, channels, data }: Volume, y: number, x: number, c: number): number =>
    y < side && x < side && c < channels ? data[(y * side + x) * channels + c]! : 0;

  const residual = (name: string, input: Volume): Volume => {
    const isDown = name.includes('down');
    const first = relu(layer(`${name}/conv1`, input, isDown ? 2 : 1, !isDown));
    const second = layer(`${name}/conv2`, first, 1, true);
    const shortcut = isDown ? pool(input, 2, mean) : input;
    const { side } = shortcut;
    const { channels } = second;
    const data = Float64Array.from({ length: side * side * channels }, (_, i) => {
      const [c, x, y] = [i % channels, Math.floor(i / channels) % side, Math.floor(i / channels / side)];
      return at(shortcut, y, x, c) + at(second, y, x, c);
    });
    return relu({ side, channels, data });
  };

  const means = [122.782, 117.001, 104.298];
  const picture: Volume = {
    side: 150,
    channels: 3,
    data: Float64Array.from({ length: planes.length }, (_, i) => {
      return (planes[(i % 3) * 150 * 150 + Math.floor(i / 3)]! - means[i % 3]!) / 256;
    }),
  };
  const stem = pool(relu(layer('conv32_down', picture, 2, false)), 3, (values) => Math.max(...values));
  const features = [
    ...['conv32_1', 'conv32_2', 'conv32_3', 'conv64_down', 'conv64_1', 'conv64_2', 'conv64_3', 'conv128_down'],
    ...['conv128_1', 'conv128_2', 'conv256_down', 'conv256_1', 'conv256_2', 'conv256_down_out'],
  ].reduce((volume, name) => residual(name, volume), stem);
  const fc = get('fc');
  const places = features.side ** 2;
  const averages = Array.from({ length: 256 }, (_, c) =>
    mean(Array.from({ length: places }, (__, place) => features.data[place * 256 + c]!)),
  );
  return Array.from({ length: 128 }, (_, o) => averages.reduce((sum, value, c) => sum + value * fc[c * 128 + o]!, 0));
}
