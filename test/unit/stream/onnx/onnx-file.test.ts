import { create } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { convertToFp16 } from '#src/stream/models/conversion/fp16-conversion.js';
import { makeBatchDynamic } from '#src/stream/models/conversion/dynamic-batch.js';
import { decodeOnnx, encodeOnnx, type OnnxModel } from '#src/stream/onnx/onnx-file.js';
import {
  ModelProtoSchema,
  TensorProto_DataLocation as DataLocation,
  type TensorProto,
} from '#src/stream/onnx/schema/onnx_pb.js';
import { constantNode, copyOf, fixture } from './onnx-fixture.js';

const model = fixture({
  nodes: [
    { operator: 'Reshape', inputs: ['x', 'shape'], outputs: ['r'] },
    { operator: 'MatMul', inputs: ['r', 'w'], outputs: ['y'] },
  ],
  constants: [
    { name: 'shape', dims: [2], integers: [1, 2] },
    { name: 'w', dims: [2, 1], floats: Float32Array.of(0.5, 0.25) },
  ],
  input: { name: 'x', dims: [1, 2] },
  output: { name: 'y', dims: [1, 1] },
});
const bytes = encodeOnnx(model);

const text = (value: string) => Uint8Array.of(value.length, ...new TextEncoder().encode(value));

describe('a file that is read and written', () => {
  it('keeps its bytes', () => {
    expect(encodeOnnx(decodeOnnx(bytes, 'x.onnx'))).toEqual(bytes);
  });

  it('gives its weights without a copy', () => {
    const tensor = decodeOnnx(bytes, 'x.onnx').graph.initializer[1]!;
    expect(tensor.rawData.buffer).toBe(bytes.buffer);
  });

  it('keeps the fields that the schema lacks, in every message, through both conversions', () => {
    const richer = copyOf(model);
    const messagesOf = ({ opsetImport, graph }: OnnxModel) => ({
      opset: opsetImport[0]!,
      graph,
      // Of the nodes and the tensors: those that the conversions keep.
      node: graph.node.find(({ opType }) => opType === 'MatMul')!,
      input: graph.input[0]!,
      type: graph.input[0]!.type!,
      tensorType: graph.input[0]!.type!.tensorType!,
      shape: graph.input[0]!.type!.tensorType!.shape!,
    });
    for (const [name, message] of Object.entries(messagesOf(richer))) {
      message.$unknown = [
        { no: 6_000, wireType: WireType.LengthDelimited, data: text(`of ${name}`) },
        { no: 99, wireType: WireType.Varint, data: Uint8Array.of(0x96, 0x01) },
      ];
    }
    // Behind the model: a field of its own, as a newer version of ONNX may have it.
    const file = Uint8Array.of(...encodeOnnx(richer), 0xca, 0x3e, 3, 1, 2, 3);

    const read = decodeOnnx(file, 'x.onnx');
    makeBatchDynamic(read);
    convertToFp16(read);
    const written = decodeOnnx(encodeOnnx(read), 'x.onnx');

    expect(written.$unknown).toEqual([
      { no: 1001, wireType: WireType.LengthDelimited, data: Uint8Array.of(3, 1, 2, 3) },
    ]);
    const found = Object.entries(messagesOf(written)).map(([name, { $unknown }]) => [name, $unknown]);
    const expected = Object.entries(messagesOf(richer)).map(([name, { $unknown }]) => [name, $unknown]);
    expect(found).toEqual(expected);
  });

  it('keeps 64-bit integers and element types that have no name here', () => {
    const unusual = copyOf(model);
    const [tensor] = unusual.graph.initializer;
    tensor!.dims = [2n ** 53n + 1n, -1n];
    const unnamed = 31;
    tensor!.dataType = unnamed;
    const read = copyOf(unusual).graph.initializer[0]!;
    expect([read.dims, read.dataType]).toEqual([[2n ** 53n + 1n, -1n], unnamed]);
  });

  it('computes what it computed', async () => {
    const x = new Tensor('float32', Float32Array.of(2, 4), [1, 2]);
    const session = await InferenceSession.create(encodeOnnx(decodeOnnx(bytes, 'x.onnx')));
    const { y } = await session.run({ x });
    await session.release();
    expect([...(y!.data as Float32Array)]).toEqual([2]);
  });
});

describe('what is refused', () => {
  it.each<[string, Uint8Array]>([
    ['text', new TextEncoder().encode('this is a text file')],
    ['nothing', new Uint8Array()],
    ['half a file', bytes.subarray(0, 60)],
    ['a message of another kind', Uint8Array.of(0x08, 0x08)],
    ['a graph without a version', encodeOnnx(Object.assign(create(ModelProtoSchema), { graph: model.graph }))],
    ['graphs within graphs without end', nested(200)],
  ])('is %s', (_, content) => {
    expect(() => decodeOnnx(content, 'x.onnx')).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL', message: 'x.onnx is no ONNX file, or it is cut off' }),
    );
  });

  const external = (tensor: TensorProto) => (tensor.dataLocation = DataLocation.EXTERNAL);
  it.each<[string, (model: OnnxModel) => unknown]>([
    ['where it says so', ({ graph }) => external(graph.initializer[0]!)],
    ['where it says which', ({ graph }) => (graph.initializer[0] = { ...graph.initializer[0]!, ...externalData })],
    ['of a node', ({ graph }) => external(graph.node[0]!.attribute[0]!.t!)],
  ])('is a file with weights in another, %s', (_, change) => {
    const changed = fixture({
      nodes: [{ operator: 'Mul', inputs: ['x', 'c'], outputs: ['y'] }],
      constants: [{ name: 'w', dims: [1], floats: Float32Array.of(1) }],
      rawNodes: [constantNode('c', [1])],
      input: { name: 'x', dims: [1] },
      output: { name: 'y', dims: [1] },
    });
    change(changed);
    expect(() => decodeOnnx(encodeOnnx(changed), 'x.onnx')).toThrow('x.onnx keeps weights in other files');
  });
});

const externalData = {
  externalData: [{ $typeName: 'onnx.StringStringEntryProto' as const, key: 'location', value: 'weights.bin' }],
};

/** A file of graphs, each in an attribute of a node of the one before. */
function nested(depth: number): Uint8Array {
  const inside = (tag: number, content: readonly number[]): number[] => [
    tag,
    ...(content.length < 128 ? [content.length] : [(content.length % 128) + 128, Math.floor(content.length / 128)]),
    ...content,
  ];
  let graph: number[] = [];
  for (let i = 0; i < depth; i++) graph = inside(0x0a, inside(0x2a, inside(0x32, graph)));
  return Uint8Array.from([0x08, 0x08, ...inside(0x3a, graph)]);
}
