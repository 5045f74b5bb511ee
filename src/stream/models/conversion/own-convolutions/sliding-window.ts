import { attributeOf } from '../../../onnx/onnx-graph.js';
import type { NodeProto } from '../../../onnx/schema/onnx_pb.js';

/** One size of a value; a text stands for one that is only known at run time, the same text for the same size. */
export type Side = number | string;
/** The sizes of a value. */
export type Shape = readonly Side[];

/** How a convolution or a pooling goes over a picture, pixels. */
export interface SlidingWindow {
  /** Height and width. */
  readonly kernel: readonly [number, number];
  /** Down and right, ≥ 1. */
  readonly strides: readonly [number, number];
  /** Zeros around the picture, ≥ 0: top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

/**
 * The window of a `Conv` or a pooling.
 *
 * @param kernel - sizes in space
 * @param input - shape of what it goes over; needed where the padding depends on it
 * @returns `undefined` where it has other than two dimensions, gaps, or a padding that cannot be told
 */
export function windowOf(
  node: NodeProto,
  kernel: readonly number[],
  input: Shape | undefined,
): SlidingWindow | undefined {
  const [height, width] = kernel;
  const [down = 1, right = 1] = numbers(node, 'strides') ?? [];
  const isSpread = numbers(node, 'dilations')?.some((each) => each !== 1) ?? false;
  if (kernel.length !== 2 || isSpread) return undefined;
  const size = { kernel: [height!, width!], strides: [down, right] } as const;
  const pads = padsOf(node, size, input?.slice(2));
  return pads?.every((each) => each >= 0) === true ? { ...size, pads } : undefined;
}

function padsOf(
  node: NodeProto,
  { kernel, strides }: Pick<SlidingWindow, 'kernel' | 'strides'>,
  space: Shape | undefined,
): SlidingWindow['pads'] | undefined {
  const mode = textOf(node, 'auto_pad') ?? 'NOTSET';
  if (mode === 'VALID') return [0, 0, 0, 0];
  if (mode === 'NOTSET') {
    const [top = 0, left = 0, bottom = 0, right = 0] = numbers(node, 'pads') ?? [];
    return [top, left, bottom, right];
  }
  const high = paddingFor(space?.[0], kernel[0], strides[0]);
  const wide = paddingFor(space?.[1], kernel[1], strides[1]);
  if (high === undefined || wide === undefined) return undefined;
  const less = [Math.floor(high / 2), Math.floor(wide / 2)] as const;
  const more = [Math.ceil(high / 2), Math.ceil(wide / 2)] as const;
  return mode === 'SAME_UPPER' ? [...less, ...more] : [...more, ...less];
}

/** So that the result has ⌈side ÷ stride⌉ pixels; with a stride of 1 it is the same for all sides. */
function paddingFor(side: Side | undefined, kernel: number, stride: number): number | undefined {
  if (stride === 1) return kernel - 1;
  if (typeof side !== 'number') return undefined;
  return Math.max((Math.ceil(side / stride) - 1) * stride + kernel - side, 0);
}

/** Height and width of what a window gives for a picture of that height and width. */
export function sidesAfter([height, width]: readonly [Side, Side], window: SlidingWindow): [Side, Side] {
  const { kernel, strides, pads } = window;
  return [
    sideAfter(height, kernel[0], strides[0], pads[0] + pads[2]),
    sideAfter(width, kernel[1], strides[1], pads[1] + pads[3]),
  ];
}

function sideAfter(side: Side, kernel: number, stride: number, padding: number): Side {
  const more = padding - kernel;
  if (typeof side === 'number') return Math.floor((side + more) / stride) + 1;
  return stride === 1 && more === -1 ? side : `⌊(${side} + ${more}) / ${stride}⌋ + 1`;
}

/** The numbers of an attribute; `undefined` where the node lacks it. */
export const numbers = (node: NodeProto, name: string): readonly number[] | undefined =>
  attributeOf(node, name)?.ints.map(Number);

/** The text of an attribute; `undefined` where the node lacks it. */
export function textOf(node: NodeProto, name: string): string | undefined {
  const attribute = attributeOf(node, name);
  return attribute && new TextDecoder().decode(attribute.s);
}
