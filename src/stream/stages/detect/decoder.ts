import type { Box, Point, Size } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';
import { DiptychError } from '../../../shared/domain/errors.js';

/** One output of a network: `data` is row-major in the order of `dims`. */
export interface OutputTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/**
 * How pixels of the input tensor lie in the source picture:
 * source = (tensor − offset) / ratio + origin, the same ratio on both axes.
 */
export interface TensorMapping {
  /** Tensor pixels per source pixel, > 0. */
  readonly ratio: number;
  /** Left and top bar, tensor pixels. */
  readonly offset: Point;
  /** Top left corner of the part of the picture that was used, source pixels. */
  readonly origin: Point;
}

export interface DecodeContext {
  /** Size of the input tensor, pixels. */
  readonly input: Size;
  readonly mapping: TensorMapping;
  /** Weaker finds are left out, in [0, 1]. */
  readonly scoreThreshold: number;
}

/**
 * Turns raw outputs, in the order the manifest lists them, into finds in source pixels;
 * overlapping finds of one subject are still in it (see `nms.ts`).
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the outputs are not of the declared shape.
 */
export type Decoder = (outputs: readonly OutputTensor[], context: DecodeContext) => Detection[];

/** A point of the tensor as a point of the source picture. */
export function toSourcePoint(x: number, y: number, { ratio, offset, origin }: TensorMapping): Point {
  return { x: (x - offset.x) / ratio + origin.x, y: (y - offset.y) / ratio + origin.y };
}

/** A box of the tensor, given by its corners, as a box of the source picture. */
export function toSourceBox(left: number, top: number, right: number, bottom: number, mapping: TensorMapping): Box {
  const { ratio, offset, origin } = mapping;
  return {
    x: (left - offset.x) / ratio + origin.x,
    y: (top - offset.y) / ratio + origin.y,
    width: (right - left) / ratio,
    height: (bottom - top) / ratio,
  };
}

/**
 * The output at `index`, checked to hold exactly `length` numbers.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it is missing or of another length.
 */
export function outputOfLength(
  outputs: readonly OutputTensor[],
  index: number,
  length: number,
  model: string,
): Float32Array {
  const output = outputs[index];
  if (output?.data.length !== length) {
    const got = output === undefined ? 'nothing' : `${output.data.length} numbers (${output.dims.join('×')})`;
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `output ${index} of this ${model} model should hold ${length} numbers, got ${got}; ` +
        'the file is not the model that the manifest describes',
    );
  }
  return output.data;
}

/** Logistic function; saturates instead of overflowing. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Number `i` of `values`; the callers have checked the length. */
export const at = (values: Float32Array, i: number): number => values[i] as number;
