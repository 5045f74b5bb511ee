import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseManifest, parseCustomModels } from '#src/stream/models/manifest.js';
import type { OnnxModel } from '#src/stream/onnx/onnx-file.js';
import {
  describeCustomModel,
  inputOf,
  nameOfFile,
  outputNamesOf,
  type CustomModelOptions,
} from '#src/stream/models/custom-model.js';
import { fixture } from '../onnx/onnx-fixture.js';
import { packagePath } from '#src/shared/package-root.js';

const manifest = parseManifest(readFileSync(packagePath('models/manifest.json'), 'utf8'));
const file = { path: '/models/My Export_v2.onnx', sha256: 'a'.repeat(64), bytes: 10 };
const person: CustomModelOptions = { task: 'person-detector', decoder: 'yolov8' };

const modelWith = (dims: readonly (number | string)[]): OnnxModel =>
  fixture({
    nodes: [{ operator: 'Identity', inputs: ['in'], outputs: ['out'] }],
    input: { name: 'in', dims },
    output: { name: 'out', dims },
  });

const entryOf = (options: CustomModelOptions, dims: readonly (number | string)[], ...outputs: readonly number[][]) =>
  describeCustomModel(options, file, inputOf(modelWith(dims), options, manifest), ['out'], outputs, manifest);

it.each([
  ['/a/My Export_v2.onnx', 'my-export-v2'],
  ['yolov8n.onnx', 'yolov8n'],
  ['__x__.onnx', 'x'],
])('calls %s %s', (path, name) => {
  expect(nameOfFile(path)).toBe(name);
});

describe('what goes in', () => {
  it.each<[string, CustomModelOptions, readonly (number | string)[], object]>([
    [
      'size and name from the graph',
      person,
      [1, 3, 480, 800],
      { name: 'in', order: 'nchw', size: { width: 800, height: 480 } },
    ],
    ['colours last', person, ['n', 256, 128, 3], { order: 'nhwc', size: { width: 128, height: 256 } }],
    [
      'a size left open, as in the model that is read alike',
      person,
      ['n', 3, 'h', 'w'],
      { size: { width: 640, height: 640 } },
    ],
    ['pixels as that model takes them', person, [1, 3, 640, 640], { channels: 'RGB', scale: 1 / 255, pad: 114 }],
    [
      'pixels as is said',
      { ...person, channels: 'BGR', mean: 7, scale: 2 },
      [1, 3, 640, 640],
      { channels: 'BGR', mean: 7, scale: 2 },
    ],
    [
      'pixels of a face embedder',
      { task: 'embedder' },
      [1, 3, 'h', 'w'],
      { mean: 127.5, scale: 1 / 127.5, size: { width: 112, height: 112 } },
    ],
  ])('takes %s', (_, options, dims, input) => {
    expect(inputOf(modelWith(dims), options, manifest)).toMatchObject(input);
  });

  it.each([
    ['one colour', [1, 1, 64, 64], 'the input in is 1×1×64×64; a picture of three colours goes in'],
    ['no picture', ['n', 128], 'the input in is n×128; a picture of three colours goes in'],
  ] as const)('refuses %s', (_, dims, message) => {
    expect(() => inputOf(modelWith(dims), person, manifest)).toThrow(message);
  });

  it('refuses two inputs', () => {
    const model = fixture({
      nodes: [{ operator: 'Add', inputs: ['in', 'too'], outputs: ['out'] }],
      input: { name: 'in', dims: [1] },
      output: { name: 'out', dims: [1] },
      listed: [{ name: 'too', dims: [1] }],
    });
    expect(() => inputOf(model, person, manifest)).toThrow('the network has 2 inputs; one picture goes in');
  });
});

describe('the outputs', () => {
  it('are read in the order of the decoder where they are called so', () => {
    const yunet = manifest.models.find(({ name }) => name === 'yunet')!.outputs!;
    const [last, ...others] = [...yunet].reverse();
    const model = fixture({
      nodes: yunet.map((name) => ({ operator: 'Identity', inputs: ['in'], outputs: [name] })),
      input: { name: 'in', dims: [1, 3, 32, 32] },
      output: { name: last!, dims: [1] },
      furtherOutputs: others.map((name) => ({ name, dims: [1] })),
    });
    expect(outputNamesOf(model, { task: 'face-detector', decoder: 'yunet' }, manifest)).toEqual(yunet);
  });

  it('are read in their own order else', () => {
    expect(outputNamesOf(modelWith([1]), { task: 'face-detector', decoder: 'yunet' }, manifest)).toEqual(['out']);
  });
});

describe('the entry', () => {
  it.each<[string, CustomModelOptions, number[], number, number]>([
    ['a COCO export', person, [1, 84, 8400], 80, 0],
    ['a transposed one', person, [1, 8400, 84], 80, 0],
    ['raw heads', person, [1, 144, 80, 80], 80, 0],
    ['faces with landmarks', { ...person, task: 'face-detector' }, [1, 20, 8400], 1, 5],
    ['faces without', { ...person, task: 'face-detector' }, [1, 5, 8400], 1, 0],
    ['a pose, as is said', { ...person, keypoints: 17 }, [1, 56, 8400], 1, 17],
    ['a pose export, by its numbers', person, [1, 56, 8400], 1, 17],
    ['as many classes as a pose has numbers, as is said', { ...person, classes: 52 }, [1, 56, 8400], 52, 0],
    ['classes, as is said', { ...person, classes: 3 }, [1, 84, 8400], 3, 0],
  ])('tells what is found from the numbers of %s', (_, options, dims, classes, keypoints) => {
    expect(entryOf(options, [1, 3, 640, 640], dims)).toMatchObject({ decoder: { type: 'yolov8', classes, keypoints } });
  });

  it('can be kept in the list, and says whose it is', () => {
    const entry = entryOf({ ...person, name: 'mine', licence: 'MIT' }, [1, 3, 640, 640], [1, 84, 8400]);
    const list = JSON.stringify({ version: 1, models: [entry] });
    expect(parseCustomModels(list, 'own-models.json')).toEqual([entry]);
    expect(entry).toMatchObject({ name: 'mine', file: 'mine.onnx', licence: 'MIT', sources: [], regions: 'whole' });
    expect(entry).not.toHaveProperty('homepage');
  });

  it('places landmarks for a face embedder of any size', () => {
    const entry = entryOf({ task: 'embedder' }, [1, 3, 224, 112], [1, 512]);
    expect(entry).toMatchObject({ task: 'embedder', length: 512, metric: 'cosine' });
    expect(entry).toHaveProperty('alignment.points.0', [38.2946, 2 * 51.6963]);
  });

  it.each([
    [
      'several outputs',
      [1, 3, 112, 112],
      [
        [1, 512],
        [1, 2],
      ],
      'takes nchw and gives 1×512, 1×2',
    ],
    ['maps', [1, 3, 112, 112], [[1, 512, 7, 7]], 'gives 1×512×7×7'],
    ['colours last', [1, 112, 112, 3], [[1, 512]], 'takes nhwc'],
  ] as const)('refuses an embedder with %s', (_, dims, outputs, message) => {
    expect(() => entryOf({ task: 'embedder' }, dims, ...outputs.map((each) => [...each]))).toThrow(message);
  });
});

it('says where a list of custom models is wrong', () => {
  expect(() => parseCustomModels('{', '/cache/own-models.json')).toThrow('/cache/own-models.json is not JSON');
  const list = JSON.stringify({ version: 1, models: [{ name: 'x' }] });
  expect(() => parseCustomModels(list, '/cache/own-models.json')).toThrow('/cache/own-models.json, models.0');
});
