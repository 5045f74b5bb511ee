import type { Size } from '../../../shared/domain/box.js';

/** What a model takes: a fixed size, or any size whose sides are multiples of a number; pixels. */
export type InputSizeSpec = Size | { readonly multipleOf: number };

/**
 * The size of the input that shows `source` with the least padding: its long side is `longSide` (less where the
 * source itself is smaller: enlarging it adds no detail), its short side follows the source's aspect; both are
 * rounded up to what the model takes. 16:9 at 640 gives 640×384. All in pixels.
 */
export function chooseInputSize(spec: InputSizeSpec, source: Size, longSide: number): Size {
  if (!('multipleOf' in spec)) return { width: spec.width, height: spec.height };
  const { multipleOf } = spec;
  const roundUp = (value: number): number => Math.max(1, Math.ceil(value / multipleOf - 1e-9)) * multipleOf;
  const sourceLong = Math.max(source.width, source.height);
  const long = Math.min(roundUp(longSide), roundUp(sourceLong));
  const scale = long / sourceLong;
  return source.width >= source.height
    ? { width: long, height: roundUp(source.height * scale) }
    : { width: roundUp(source.width * scale), height: long };
}

/** The same, with the part of a picture enlarged where it is smaller than that: a network needs faces of some size. */
export function enlargedInputSize(spec: InputSizeSpec, source: Size, longSide: number): Size {
  const scale = Math.max(1, longSide / Math.max(source.width, source.height));
  return chooseInputSize(spec, { width: source.width * scale, height: source.height * scale }, longSide);
}
