import { z } from 'zod';
import { DiptychError } from '../../shared/domain/errors.js';

/** One array of weights, row-major in the order of `shape`. */
export interface WeightArray {
  /** Sizes of the dimensions; empty for a scalar. */
  readonly shape: readonly number[];
  /** As many numbers as the sizes multiply to. */
  readonly data: Float32Array;
}

/** Weights by the name that the manifest gives them. */
export type WeightMap = ReadonlyMap<string, WeightArray>;

const manifestSchema = z.array(
  z.object({
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.int().positive()),
        dtype: z.literal('float32'),
        quantization: z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }).optional(),
      }),
    ),
  }),
);

type Quantization = z.output<typeof manifestSchema>[number]['weights'][number]['quantization'];

/**
 * Reads the weights of a TensorFlow.js model: its weights manifest and the data of all its shards,
 * joined. Quantised values are restored as q · scale + min.
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
  for (const { name, shape, quantization } of weights) {
    const length = shape.reduce((product, side) => product * side, 1);
    const end = offset + length * bytesPerValue(quantization);
    if (end > data.length) throw wrong(`${name} ends at byte ${end} of ${data.length}`);
    map.set(name, { shape, data: decode(view, offset, length, quantization) });
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

function bytesPerValue(quantization: Quantization): number {
  if (quantization === undefined) return Float32Array.BYTES_PER_ELEMENT;
  return quantization.dtype === 'uint8' ? 1 : 2;
}

function decode(view: DataView, offset: number, length: number, quantization: Quantization): Float32Array {
  // The file is little-endian and its arrays begin at any byte.
  if (quantization === undefined) {
    return Float32Array.from({ length }, (_, i) => view.getFloat32(offset + 4 * i, true));
  }
  const { dtype, scale, min } = quantization;
  return dtype === 'uint8'
    ? Float32Array.from({ length }, (_, i) => view.getUint8(offset + i) * scale + min)
    : Float32Array.from({ length }, (_, i) => view.getUint16(offset + 2 * i, true) * scale + min);
}

const wrong = (what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_MODEL', `these are no TensorFlow.js weights that can be read: ${what}`);
