import { DiptychError } from '../../shared/domain/errors.js';
import { finishBoxes, finishFaces, finishPoses } from '../onnx/detector-outputs.js';
import { buildFaceEmbedder } from '../onnx/face-embedder-graph.js';
import { buildOnnx } from '../onnx/onnx-builder.js';
import { convertTfjsGraph } from '../onnx/tfjs-converter.js';
import { readTfjsGraph } from '../onnx/tfjs-graph.js';
import { readTfjsWeights } from '../onnx/tfjs-weights.js';

/** Ways to make an ONNX file out of what is published in another form. */
export const CONVERTERS = [
  'tfjs-dlib-face-descriptor',
  'tfjs-movenet-multipose',
  'tfjs-full-range-face',
  'tfjs-nanodet',
] as const;
/** One of {@link CONVERTERS}. */
export type ConverterName = (typeof CONVERTERS)[number];

/**
 * What a converter takes, each as the end of a file's name, in the order it takes them; the data
 * of a TensorFlow.js model may be cut into several files, which are joined in the order given.
 */
const INPUT_SUFFIXES: Readonly<Record<ConverterName, readonly [manifest: string, data: string]>> = {
  'tfjs-dlib-face-descriptor': ['-weights_manifest.json', '.bin'],
  'tfjs-movenet-multipose': ['.json', '.bin'],
  'tfjs-full-range-face': ['.json', '.bin'],
  'tfjs-nanodet': ['.json', '.bin'],
};

/** Graph models: what their outputs become. */
const FINISHERS = {
  'tfjs-movenet-multipose': finishPoses,
  'tfjs-full-range-face': finishFaces,
  'tfjs-nanodet': finishBoxes,
} as const;

/** A file to convert. */
export interface ConverterInput {
  /** As the manifest names it; its end tells what it holds. */
  readonly path: string;
  /** All its bytes. */
  readonly content: Uint8Array;
}

/**
 * Makes an ONNX file; the same input always gives the same bytes.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the files are not what the converter takes.
 */
export function convertModel(converter: ConverterName, files: readonly ConverterInput[]): Uint8Array {
  const [manifestSuffix, dataSuffix] = INPUT_SUFFIXES[converter];
  const manifest = files.find(({ path }) => path.endsWith(manifestSuffix));
  const shards = files.filter(({ path }) => path.endsWith(dataSuffix));
  if (manifest === undefined || shards.length === 0) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `${converter} takes …${manifestSuffix} and …${dataSuffix}, got ${files.map(({ path }) => path).join(', ') || 'nothing'}`,
    );
  }
  const json = new TextDecoder().decode(manifest.content);
  if (converter === 'tfjs-dlib-face-descriptor') {
    return buildOnnx(buildFaceEmbedder(readTfjsWeights(json, joined(shards))));
  }
  const graph = readTfjsGraph(json);
  const weights = readTfjsWeights(graph.weightsManifest, joined(shards));
  return buildOnnx(convertTfjsGraph(converter.replace(/^tfjs-/, ''), graph, weights, FINISHERS[converter]));
}

function joined(shards: readonly ConverterInput[]): Uint8Array {
  const all = new Uint8Array(shards.reduce((length, { content }) => length + content.length, 0));
  let offset = 0;
  for (const { content } of shards) {
    all.set(content, offset);
    offset += content.length;
  }
  return all;
}
