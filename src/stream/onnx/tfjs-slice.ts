import { DiptychError } from '../../shared/domain/errors.js';
import type { TfjsNode } from './tfjs-graph.js';
import type { TfjsValues } from './tfjs-values.js';

/** Further than any side reaches, and well inside 64 bits. */
const TO_THE_END = Number.MAX_SAFE_INTEGER;

/**
 * TensorFlow's slice, which also adds and removes sides: bit `i` of each mask is about entry `i` of the lists.
 * Slices, then squeezes, then adds sides.
 *
 * Source: TensorFlow `core/ops/array_ops.cc`, StridedSlice.
 *
 * @returns the result's name
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` for an ellipsis, or where the places are computed.
 */
export function stridedSlice(node: TfjsNode, values: TfjsValues): string {
  if (node.integer('ellipsis_mask') !== 0) {
    throw new DiptychError('DIPTYCH_E_MODEL', `StridedSlice ${node.name} with an ellipsis can't be converted`);
  }
  const [input, ...places] = node.inputs;
  const [begins = [], ends = [], strides = []] = places.map((place) => values.known(place));
  const isSet = (mask: string, i: number): boolean => ((node.integer(mask) >> i) & 1) === 1;
  const slices: { readonly axis: number; readonly begin: number; readonly end: number; readonly step: number }[] = [];
  const removed: number[] = [];
  const added: number[] = [];
  let axis = 0;
  for (const [i, step] of strides.entries()) {
    if (isSet('new_axis_mask', i)) {
      // Counted in the result: the sides so far that are kept, and those that were added.
      added.push(axis - removed.length + added.length);
      continue;
    }
    const begin = begins[i]!;
    if (isSet('shrink_axis_mask', i)) {
      slices.push({ axis, begin, end: begin === -1 ? TO_THE_END : begin + 1, step: 1 });
      removed.push(axis);
    } else {
      const slice = {
        axis,
        begin: isSet('begin_mask', i) ? (step < 0 ? TO_THE_END : 0) : begin,
        end: isSet('end_mask', i) ? (step < 0 ? -TO_THE_END : TO_THE_END) : ends[i]!,
        step,
      };
      if (slice.begin !== 0 || slice.end !== TO_THE_END || step !== 1) slices.push(slice);
    }
    axis += 1;
  }
  let value = values.plain(input!);
  if (slices.length > 0) {
    const list = (key: keyof (typeof slices)[number]): string => values.integers(slices.map((slice) => slice[key]));
    value = values.add('Slice', [value, list('begin'), list('end'), list('axis'), list('step')]);
  }
  if (removed.length > 0) value = values.add('Squeeze', [value, values.integers(removed)]);
  if (added.length > 0) value = values.add('Unsqueeze', [value, values.integers(added)]);
  return value;
}
