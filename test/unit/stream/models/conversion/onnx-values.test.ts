import { describe, expect, it } from 'vitest';
import { examineValues } from '#src/stream/models/conversion/onnx-values.js';
import { ELEMENT_TYPE } from '#src/stream/onnx/onnx-tensor.js';
import { fixture } from '../../../stream/onnx/onnx-fixture.js';

const facts = examineValues(
  fixture({
    nodes: [
      { operator: 'Shape', inputs: ['x'], outputs: ['shape'] },
      { operator: 'ConstantOfShape', inputs: ['shape'], outputs: ['zeros'] },
      { operator: 'Less', inputs: ['x', 'zeros'], outputs: ['mask'] },
      { operator: 'Where', inputs: ['mask', 'x', 'zeros'], outputs: ['chosen'] },
      { operator: 'TopK', inputs: ['chosen', 'k'], outputs: ['best', 'places'] },
      { operator: 'Cast', inputs: ['places'], outputs: ['floats'], attributes: { to: ELEMENT_TYPE.float } },
      { operator: 'ArgMax', inputs: ['x'], outputs: ['largest'] },
      { operator: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 'scale', 'zero'] },
      { operator: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['back'] },
      { operator: 'RandomNormal', inputs: [], outputs: ['noise'], attributes: { shape: [2] } },
      { operator: 'RandomNormalLike', inputs: ['largest'], outputs: ['likeIntegers'] },
      { operator: 'Add', inputs: ['nowhere', 'k'], outputs: ['unknown'] },
    ],
    constants: [
      { name: 'k', dims: [1], integers: [1] },
      { name: 'w', dims: [1], floats: Float32Array.of(1) },
    ],
    input: { name: 'x', dims: ['n', 2] },
    output: { name: 'back', dims: ['n', 2] },
  }).graph,
);

describe('examineValues', () => {
  it('tells which values are floats', () => {
    const floats = ['x', 'w', 'zeros', 'chosen', 'best', 'floats', 'scale', 'back', 'noise'];
    expect([...facts.floats].sort()).toEqual(floats.sort());
  });

  it('tells which depend on what goes in, which shapes do not', () => {
    const data = [
      'x',
      'mask',
      'chosen',
      'best',
      'places',
      'floats',
      'largest',
      'q',
      'scale',
      'zero',
      'back',
      'likeIntegers',
    ];
    expect([...facts.data].sort()).toEqual(data.sort());
  });
});
