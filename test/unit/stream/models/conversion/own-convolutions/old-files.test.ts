import { expect, it } from 'vitest';
import { AttributeProto_AttributeType as AttributeType } from '#src/stream/onnx/schema/onnx_pb.js';
import type { OnnxNode } from '#src/stream/onnx/onnx-builder.js';
import type { RawNode } from '../../../onnx/onnx-fixture.js';
import { CHANNELS, CONV, networkOf, node, rewritten } from './convolution-fixture.js';

/** Nodes of an operator set that gives by attributes what later ones give by inputs. */
function rewrittenOld(nodes: readonly OnnxNode[]): readonly string[] {
  const model = networkOf({ nodes });
  model.opsetImport[0]!.version = 10n;
  return rewritten(model);
}

const PADS = [0, 0, 1, 2, 0, 0, 3, 4];
const BEHIND_PAD = node('Conv', 'p each', 'y', { group: CHANNELS });

it.each([
  [{ pads: PADS }, 'DirectConv32 x each y/bias → y [3 3 1 1 1 2 3 4 4 0 0]'],
  [{ pads: PADS, value: { float: 0 } }, 'DirectConv32 x each y/bias → y [3 3 1 1 1 2 3 4 4 0 0]'],
  [{ pads: PADS, value: { float: 1 } }, 'Pad x → p'],
])('joins padding of an old file: %o', (attributes, first) => {
  expect(rewrittenOld([node('Pad', 'x', 'p', attributes), BEHIND_PAD])[0]).toBe(first);
});

it.each([
  [{ min: { float: 0 }, max: { float: 6 } }, 1],
  [{ min: { float: 0 }, max: { float: 1 } }, 2],
  [{}, 2],
])('joins the limits of an old file: %o', (attributes, count) => {
  expect(rewrittenOld([CONV, node('Clip', 'c', 'y', attributes)])).toHaveLength(count);
});

const constant = (output: string, attribute: NonNullable<RawNode['attribute']>[number]): RawNode => ({
  ...{ opType: 'Constant', output: [output], attribute: [attribute] },
});

it('reads numbers that a Constant gives without a tensor around them', () => {
  const rawNodes = [
    constant('slope', { name: 'value_float', f: 0.5, type: AttributeType.FLOAT }),
    constant('one', { name: 'value_floats', floats: [2], type: AttributeType.FLOATS }),
    constant('sizes', { name: 'value_ints', ints: [0n, 0n, 1n, 1n, 0n, 0n, 1n, 1n], type: AttributeType.INTS }),
    constant('number', { name: 'value_int', i: 1n, type: AttributeType.INT }),
    constant('text', { name: 'value_string', s: new Uint8Array(), type: AttributeType.STRING }),
  ];
  const nodes = [node('Pad', 'x sizes', 'p'), node('Conv', 'p each', 'c', { group: CHANNELS })];
  const model = networkOf({
    rawNodes,
    nodes: [...nodes, node('Add', 'c one', 'a'), node('PRelu', 'a slope', 'y')],
  });

  expect(rewritten(model)).toEqual(['DirectConv32 x each y/bias y/slope → y [3 3 1 1 1 1 1 1 4 3 0]']);
});

it('gives what is new a name that nothing has', () => {
  const model = networkOf({ nodes: [CONV, node('Relu', 'c', 'y'), node('Neg', 'y', 'y/bias')] });

  expect(rewritten(model)[0]).toBe('DirectConv32 x each y/bias_ → y [3 3 1 1 1 1 1 1 4 1 0]');
});
