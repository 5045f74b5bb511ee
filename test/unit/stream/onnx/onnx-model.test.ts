import { describe, expect, it } from 'vitest';
import { OnnxModel, OnnxTensor } from '#src/stream/onnx/onnx-model.js';
import { ProtobufMessage } from '#src/stream/onnx/protobuf-message.js';
import { fixture } from './onnx-fixture.js';

const model = fixture({
  nodes: [{ operator: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'], attributes: { allowzero: 1 } }],
  constants: [{ name: 'shape', dims: [2], integers: [2, -1] }],
  input: { name: 'x', dims: ['n', 4] },
  output: { name: 'y', dims: [2, 'm'] },
});

describe('reading', () => {
  it('tells nodes, constants, and what goes in and out', () => {
    const [node] = model.graph.nodes;
    expect([node?.operator, node?.inputs, node?.outputs]).toEqual(['Reshape', ['x', 'shape'], ['y']]);
    expect([node?.integerAttribute('allowzero'), node?.integerAttribute('other')]).toEqual([1, undefined]);
    expect(model.graph.initializers.map(({ name, dims, integers }) => [name, dims, integers])).toEqual([
      ['shape', [2], [2n, -1n]],
    ]);
    expect(model.graph.inputs.map(({ name, dims }) => [name, dims])).toEqual([['x', ['n', 4]]]);
    expect(model.operatorSet).toBe(13);
  });

  it('reads numbers that are written as numbers, too', () => {
    const tensor = new OnnxTensor(
      ProtobufMessage.of((message) => message.integer(1, 2).integer(2, 7).int64(7, 5n).int64(7, -6n)),
    );
    expect(tensor.integers).toEqual([5n, -6n]);
    tensor.setIntegers([1n, 2n]);
    expect(tensor.integers).toEqual([1n, 2n]);
    expect(tensor.dims).toEqual([2]);
  });

  it('writes the bytes that it read', () => {
    const bytes = model.encode();
    expect(OnnxModel.decode(bytes, 'x.onnx').encode()).toEqual(bytes);
  });
});

describe('what is refused', () => {
  it.each<[string, Uint8Array]>([
    ['text', new TextEncoder().encode('this is a text file')],
    ['nothing', new Uint8Array()],
    ['half a file', model.encode().subarray(0, 60)],
    ['a message of another kind', ProtobufMessage.of((message) => message.integer(1, 8)).encode()],
  ])('is %s', (_, bytes) => {
    expect(() => OnnxModel.decode(bytes, 'x.onnx')).toThrow('x.onnx is no ONNX file, or it is cut off');
  });

  it('is a file whose weights lie in others', () => {
    const message = ProtobufMessage.decode(model.encode());
    const [tensor] = message.message(7)!.messages(5);
    tensor!.replace(14, (location) => location.integer(14, 1));
    expect(() => OnnxModel.decode(message.encode(), 'x.onnx')).toThrow('x.onnx keeps weights in other files');
  });
});
