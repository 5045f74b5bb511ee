import * as z from 'zod';
import { DiptychError } from '../../shared/domain/errors.js';

/** One array of weights, row-major in the order of `shape`. */
export interface WeightArray {
  /** Sizes of the dimensions; empty for a scalar. */
  readonly shape: readonly number[];
  /** As many numbers as the sizes multiply to. */
  readonly data: Float32Array | Int32Array;
}

/** Weights by the name that the manifest gives them. */
export type WeightMap = ReadonlyMap<string, WeightArray>;

const manifestSchema = z.array(
  z.object({
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.int().min(0)),
        dtype: z.enum(['float32', 'int32']),
        quantization: z
          .union([
            z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }),
            z.object({ dtype: z.literal('float16') }),
          ])
          .optional(),
      }),
    ),
  }),
);

type ArrayForm = Pick<z.output<typeof manifestSchema>[number]['weights'][number], 'dtype' | 'quantization'>;

/**
 * Reads the weights of a TensorFlow.js model: its weights manifest and the data of all its shards,
 * joined. Quantised values are restored as q · scale + min, 16-bit floats as they are.
 *
 * Source: tfjs-core `io/io_utils.ts`, decodeWeights.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the manifest is of another form or the data
 * is not as long as it says.
 */
export function readTfjsWeights(manifestJson: string, data: Uint8Array): WeightMap {
  const weights = parse(manifestJson).flatMap((group) => group.weights);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const map = new Map<string, WeightArray>();
  let offset = 0;
  for (const { name, shape, ...form } of weights) {
    const length = shape.reduce((product, side) => product * side, 1);
    const end = offset + length * bytesPerValue(form);
    if (end > data.length) throw wrong(`${name} ends at byte ${end} of ${data.length}`);
    map.set(name, { shape, data: decode(view, offset, length, form) });
    offset = end;
  }
  if (offset !== data.length) throw wrong(`there are ${data.length - offset} bytes more than the manifest names`);
  return map;
}

function parse(manifestJson: string): z.output<typeof manifestSchema> {
  let value: unknown;
  try {
    value = JSON.parse(manifestJson);
  } catch (error) {
    throw wrong(`the manifest is not JSON: ${String(error)}`);
  }
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw wrong(`the manifest, ${issue?.path.join('.') || 'top level'}: ${issue?.message}`);
}

function bytesPerValue({ quantization }: ArrayForm): number {
  if (quantization === undefined) return Float32Array.BYTES_PER_ELEMENT;
  return quantization.dtype === 'uint8' ? 1 : 2;
}

function decode(
  view: DataView,
  offset: number,
  length: number,
  { dtype, quantization }: ArrayForm,
): WeightArray['data'] {
  // The file is little-endian and its arrays begin at any byte.
  if (dtype === 'int32') {
    if (quantization !== undefined) throw wrong('integers are quantised');
    return Int32Array.from({ length }, (_, i) => view.getInt32(offset + 4 * i, true));
  }
  if (quantization === undefined) {
    return Float32Array.from({ length }, (_, i) => view.getFloat32(offset + 4 * i, true));
  }
  if (quantization.dtype === 'float16') {
    return Float32Array.from({ length }, (_, i) => fromFloat16(view.getUint16(offset + 2 * i, true)));
  }
  const { scale, min } = quantization;
  return quantization.dtype === 'uint8'
    ? Float32Array.from({ length }, (_, i) => view.getUint8(offset + i) * scale + min)
    : Float32Array.from({ length }, (_, i) => view.getUint16(offset + 2 * i, true) * scale + min);
}

const FLOAT16_EXPONENT_BIAS = 15;
const FLOAT16_FRACTION = 1024;

/** The number that 16 bits stand for: a sign, 5 bits of exponent, 10 of fraction (IEEE 754 binary16). */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return (sign * 2 ** (1 - FLOAT16_EXPONENT_BIAS) * fraction) / FLOAT16_FRACTION;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - FLOAT16_EXPONENT_BIAS) * (1 + fraction / FLOAT16_FRACTION);
}

const wrong = (what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_MODEL', `these are no TensorFlow.js weights that can be read: ${what}`);
