import type { Box, Point, Size } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';
import { DiptychError } from '../../../shared/domain/errors.js';

/** One output of a network. */
export interface OutputTensor {
  /** Row-major, in the order of `dims`. */
  readonly data: Float32Array;
  /** Length of each dimension. */
  readonly dims: readonly number[];
}

/**
 * How pixels of the input tensor map to the source picture (letterbox):
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

/** What a decoder needs beside the outputs. */
export interface DecodeContext {
  /** Size of the input tensor, pixels. */
  readonly input: Size;
  /** From the input tensor to the source picture. */
  readonly mapping: TensorMapping;
  /**
   * Detections of a lower score are dropped, in [0, 1]. Higher drops more false detections, lower keeps more
   * weak ones.
   */
  readonly scoreThreshold: number;
}

/**
 * Turns raw outputs, in the order of the manifest, into detections in source pixels; overlapping detections of
 * one subject are still in it (see `nms.ts`).
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the outputs are not of the declared shape.
 */
export type Decoder = (outputs: readonly OutputTensor[], context: DecodeContext) => Detection[];

/** Maps a point of the tensor to the source picture, pixels. */
export function toSourcePoint(x: number, y: number, { ratio, offset, origin }: TensorMapping): Point {
  return { x: (x - offset.x) / ratio + origin.x, y: (y - offset.y) / ratio + origin.y };
}

/** Maps a box of the tensor, given by its edges, to the source picture, pixels. */
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

/** Logistic function, in [0, 1]; saturates instead of overflowing. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Number `i` of `values`, which the caller has checked to exist. */
export const at = (values: Float32Array, i: number): number => values[i] as number;
