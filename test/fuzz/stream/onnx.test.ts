import fc from 'fast-check';
import { expect, it } from 'vitest';
import { convertVariant } from '#src/stream/models/conversion/convert-variant.js';
import { DiptychError } from '#src/shared/domain/errors.js';
import { parseCustomModels, parseManifest } from '#src/stream/models/manifest.js';
import { encodeOnnx } from '#src/stream/onnx/onnx-file.js';
import { readTfjsWeights } from '#src/stream/onnx/tfjs-weights.js';
import { choiceNode, constantNode, fixture } from '../../unit/stream/onnx/onnx-fixture.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyNumber, anyText, anyValue, editBytes } from '../harness/junk.js';

const MODEL = encodeOnnx(
  fixture({
    nodes: [
      { operator: 'Shape', inputs: ['x'], outputs: ['all'] },
      { operator: 'Gather', inputs: ['all', 'first'], outputs: ['count'], attributes: { axis: 0 } },
      { operator: 'Unsqueeze', inputs: ['count', 'axes'], outputs: ['list'] },
      { operator: 'Concat', inputs: ['list', 'rest'], outputs: ['shape'], attributes: { axis: 0 } },
      { operator: 'Reshape', inputs: ['x', 'shape'], outputs: ['r'] },
      { operator: 'Mul', inputs: ['r', 'c'], outputs: ['m'] },
      { operator: 'MatMul', inputs: ['m', 'w'], outputs: ['y'] },
    ],
    constants: [
      { name: 'first', dims: [], integers: [0] },
      { name: 'axes', dims: [1], integers: [0] },
      { name: 'rest', dims: [1], integers: [2] },
      { name: 'w', dims: [2, 1], floats: Float32Array.of(1, 2) },
    ],
    rawNodes: [constantNode('c', [2]), choiceNode('yes', 'x', 'chosen')],
    input: { name: 'x', dims: [1, 2] },
    output: { name: 'y', dims: [1, 1] },
    between: [],
  }),
);

/** A message within itself as often as its length allows: a length in front of each. */
function nested(depth: number): Uint8Array {
  let inner = Buffer.alloc(0);
  // Field 7 of the model is its graph; within, 1 a node, 5 an attribute, 6 a graph.
  for (const tag of Array.from({ length: depth }, (_, index) => [0x32, 0x2a, 0x0a][index % 3] ?? 0x0a)) {
    inner = Buffer.concat([Buffer.from([tag]), varint(inner.length), inner]);
  }
  return Buffer.concat([Buffer.from([0x08, 0x08, 0x3a]), varint(inner.length), inner]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

const huge = fc
  .tuple(fc.nat({ max: MODEL.length }), fc.array(fc.constantFrom(0xff, 0x80, 0x7f, 0x0f), { maxLength: 10 }))
  .map(([at, bytes]) => Buffer.concat([MODEL.subarray(0, at), Buffer.from(bytes), MODEL.subarray(at)]));
const model: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: anyEdits.map((edits) => editBytes(MODEL, edits)) },
  { weight: 2, arbitrary: huge },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 1500 }).map(nested) },
);

/** Done, or refused with an error of ours that says which file. */
function expectRefusal(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof DiptychError)) throw error;
    expect(error.code).toMatch(/^DIPTYCH_E_(MODEL|CONFIG|BAD_INPUT)$/);
    expect(error.message.length).toBeLessThan(2000);
  }
}

it('an ONNX file of any kind is converted, or refused with one error', () =>
  fuzz({
    name: 'onnx',
    inputs: fc.record({ bytes: model, fp16: fc.boolean(), dynamicBatch: fc.boolean() }),
    check: ({ bytes, fp16, dynamicBatch }) => {
      expectRefusal(() => convertVariant(bytes, 'x.onnx', { fp16, dynamicBatch }));
    },
  }));

const weight = fc.record(
  {
    name: anyText,
    shape: fc.oneof(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }), fc.array(anyNumber, { maxLength: 3 })),
    dtype: fc.oneof({ weight: 5, arbitrary: fc.constant('float32') }, anyText),
    quantization: fc.oneof(
      fc.record({ dtype: fc.constantFrom('uint8', 'uint16', 'x'), scale: anyNumber, min: anyNumber }),
      anyValue,
    ),
  },
  { requiredKeys: ['name', 'shape', 'dtype'] },
);
const weights = fc.array(fc.record({ weights: fc.array(weight, { maxLength: 4 }) }), { maxLength: 3 });

it('weights of TensorFlow.js and manifests of any kind are read, or refused with one error', () =>
  fuzz({
    name: 'weights',
    inputs: fc.tuple(
      fc.oneof(weights, anyValue).map((value) => JSON.stringify(value)),
      fc.uint8Array({ maxLength: 400 }),
    ),
    check: ([json, bytes]) => {
      expectRefusal(() => readTfjsWeights(json, bytes));
      expectRefusal(() => parseManifest(json));
      expectRefusal(() => parseCustomModels(json, 'models.json'));
    },
  }));
