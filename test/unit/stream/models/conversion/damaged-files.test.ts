import { describe, expect, it } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import { seededRandom } from '#src/shared/random.js';
import { convertVariant } from '#src/stream/models/conversion/convert-variant.js';
import { encodeOnnx } from '#src/stream/onnx/onnx-file.js';
import { choiceNode, constantNode, fixture } from '../../../stream/onnx/onnx-fixture.js';

/** A file with something of everything that the conversions look at. */
const bytes = encodeOnnx(
  fixture({
    nodes: [
      { operator: 'Shape', inputs: ['x'], outputs: ['all'] },
      { operator: 'Gather', inputs: ['all', 'first'], outputs: ['count'], attributes: { axis: 0 } },
      { operator: 'Unsqueeze', inputs: ['count', 'axes'], outputs: ['list'] },
      { operator: 'Concat', inputs: ['list', 'rest'], outputs: ['shape'], attributes: { axis: 0 } },
      { operator: 'Reshape', inputs: ['x', 'shape'], outputs: ['r'] },
      { operator: 'Concat', inputs: ['r', 'zeros'], outputs: ['padded'], attributes: { axis: 1 } },
      { operator: 'Mul', inputs: ['padded', 'c'], outputs: ['m'] },
      { operator: 'MatMul', inputs: ['m', 'w'], outputs: ['h'] },
      { operator: 'Sigmoid', inputs: ['h'], outputs: ['y'] },
    ],
    constants: [
      { name: 'first', dims: [], integers: [0] },
      { name: 'axes', dims: [1], integers: [0] },
      { name: 'rest', dims: [1], integers: [2] },
      { name: 'zeros', dims: [1, 1], floats: Float32Array.of(0) },
      { name: 'w', dims: [3, 1], floats: Float32Array.of(1, 2, 3) },
    ],
    rawNodes: [constantNode('c', [2]), choiceNode('yes', 'x', 'chosen')],
    input: { name: 'x', dims: [1, 2] },
    output: { name: 'y', dims: [1, 1] },
    between: [{ name: 'h', dims: [1, 1] }],
  }),
);

const VARIANTS = [
  { fp16: true, dynamicBatch: false },
  { fp16: false, dynamicBatch: true },
  { fp16: true, dynamicBatch: true },
];

/** What happens to a file: converted, refused with an error of ours, or the error that got through. */
function outcomesOf(content: Uint8Array): readonly unknown[] {
  return VARIANTS.map((variant) => {
    try {
      convertVariant(content, 'x.onnx', variant);
      return 'converted';
    } catch (error) {
      return error instanceof DiptychError && error.code === 'DIPTYCH_E_MODEL' ? 'refused' : error;
    }
  });
}

/** The errors that got through. */
const otherErrorsOf = (content: Uint8Array): readonly unknown[] =>
  outcomesOf(content).filter((outcome) => outcome !== 'converted' && outcome !== 'refused');

describe('a damaged file is converted, or refused with one error', () => {
  it('is converted while it is whole', () => {
    expect(outcomesOf(bytes)).toEqual(['converted', 'converted', 'converted']);
  });

  it('is refused if it is cut off anywhere within its graph', () => {
    // Behind the graph stands the operator set: a field tag, a length and four bytes.
    const graphEnd = bytes.length - 6;
    for (let length = 0; length < graphEnd; length++) {
      expect(outcomesOf(bytes.subarray(0, length)), `${length} bytes`).toEqual(['refused', 'refused', 'refused']);
    }
    const rest = Array.from({ length: bytes.length - graphEnd }, (_, i) => bytes.subarray(0, graphEnd + i));
    expect(rest.flatMap(otherErrorsOf)).toEqual([]);
  });

  it('with any one byte changed', () => {
    const masks = [0x01, 0x80, 0xff];
    const files = [...bytes].flatMap((byte, at) => masks.map((mask) => bytes.with(at, byte ^ mask)));
    expect(files.flatMap(otherErrorsOf)).toEqual([]);
  });

  const random = seededRandom(8);
  const below = (end: number): number => Math.floor(random() * end);

  it('with several bytes changed at random', () => {
    const files = Array.from({ length: 3000 }, () => {
      const changed = bytes.slice();
      for (let left = 1 + below(8); left > 0; left--) changed[below(bytes.length)] = below(256);
      return changed;
    });
    expect(files.flatMap(otherErrorsOf)).toEqual([]);
  });

  it('of random bytes only', () => {
    const files = Array.from({ length: 3000 }, () => Uint8Array.from({ length: below(200) }, () => below(256)));
    expect(files.flatMap(otherErrorsOf)).toEqual([]);
  });
});
