import { describe, expect, it } from 'vitest';
import type { OnnxModel } from '#src/stream/onnx/onnx-file.js';
import {
  allowUnlistedConstants,
  capturedBy,
  elementTypeOf,
  integerAttribute,
  isStandard,
  labelOf,
  networkInputs,
  operatorSetOf,
  shapeOf,
} from '#src/stream/onnx/onnx-graph.js';
import { ELEMENT_TYPE } from '#src/stream/onnx/onnx-tensor.js';
import { choiceNode, copyOf, fixture } from './onnx-fixture.js';

const model = fixture({
  nodes: [{ operator: 'Softmax', inputs: ['x'], outputs: ['y'], attributes: { axis: -1, other: 0 } }],
  constants: [{ name: 'w', dims: [1], floats: Float32Array.of(1) }],
  rawNodes: [choiceNode('yes', 'h', 'chosen'), { opType: 'Mine', domain: 'example' }],
  listed: [{ name: 'w', dims: [1] }],
  input: { name: 'x', dims: ['n', 4] },
  output: { name: 'y', dims: ['n', 4] },
});
const [choice, foreign, softmax] = model.graph.node;

describe('a node', () => {
  it('has integer attributes, or lacks them', () => {
    const values = ['axis', 'other', 'none'].map((name) => integerAttribute(softmax!, name));
    expect(values).toEqual([-1, 0, undefined]);
  });

  it('is called by its operator and its name, or by what it gives', () => {
    expect([softmax, choice, foreign].map((node) => labelOf(node!))).toEqual(['Softmax y', 'If chosen', 'Mine']);
  });

  it('is of ONNX or of somebody else', () => {
    expect([softmax, foreign].map((node) => isStandard(node!))).toEqual([true, false]);
  });

  it('takes values for the graphs within it', () => {
    expect([...new Set(capturedBy(choice!))]).toEqual(['h']);
  });
});

describe('a graph', () => {
  it('has the inputs that are no constants', () => {
    expect(networkInputs(model.graph).map(({ name }) => name)).toEqual(['x']);
  });

  it.each<[string, (model: OnnxModel) => void, unknown]>([
    ['a name for a size', () => undefined, ['n', 4]],
    ['no name for a size', ({ graph }) => (dimensionOf(graph).value = { case: undefined }), [undefined, 4]],
    ['an empty name', ({ graph }) => (dimensionOf(graph).value = { case: 'dimParam', value: '' }), [undefined, 4]],
    ['no shape', ({ graph }) => (graph.input[0]!.type!.tensorType!.shape = undefined), undefined],
    ['no tensor', ({ graph }) => (graph.input[0]!.type = undefined), undefined],
  ])('has inputs with %s', (_, change, shape) => {
    const changed = copyOf(model);
    change(changed);
    expect(shapeOf(copyOf(changed).graph.input[0]!)).toEqual(shape);
  });

  const dimensionOf = ({ input }: OnnxModel['graph']) => input[0]!.type!.tensorType!.shape!.dim[0]!;

  it('says of which type a value is, or does not', () => {
    const [input, ...others] = copyOf(model).graph.input;
    others[0]!.type = undefined;
    expect([input!, others[0]!].map(elementTypeOf)).toEqual([ELEMENT_TYPE.float, undefined]);
  });
});

describe('versions', () => {
  it.each([
    [
      'of ONNX',
      [
        { domain: 'example', version: 3n },
        { domain: '', version: 17n },
      ],
      17,
    ],
    ['of ONNX by its name', [{ domain: 'ai.onnx', version: 12n }], 12],
    ['of somebody else only', [{ domain: 'example', version: 3n }], 1],
  ])('of operators: those %s', (_, opsets, version) => {
    const changed = copyOf(model);
    changed.opsetImport = opsets.map((each) => ({ $typeName: 'onnx.OperatorSetIdProto', ...each }));
    expect(operatorSetOf(changed)).toBe(version);
  });

  it.each([
    [3n, 4n],
    [4n, 4n],
    [9n, 9n],
  ])('of the file: %d becomes %d where a constant is added', (before, after) => {
    const changed = copyOf(model);
    changed.irVersion = before;
    allowUnlistedConstants(changed);
    expect(changed.irVersion).toBe(after);
  });
});
