import { basename } from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';
import { isDetector, type DetectorEntry, type EmbedderEntry, type Manifest, type ModelEntry } from './manifest.js';
import type { OnnxModel } from '../onnx/onnx-file.js';
import { networkInputs, shapeOf } from '../onnx/onnx-graph.js';

/** What a user says of a model; what is left out is taken from the graph, else from a model of the same kind. */
export interface CustomModelOptions {
  /** Under which the configuration finds it: small letters, digits and "-". @defaultValue from the file name */
  readonly name?: string | undefined;
  /** What the model finds, or that it embeds faces. */
  readonly task: DetectorEntry['task'] | EmbedderEntry['task'];
  /** How the outputs of a detector are read. @defaultValue yolov8 */
  readonly decoder?: DetectorEntry['decoder']['type'] | undefined;
  /** How two embeddings are compared. @defaultValue cosine */
  readonly metric?: EmbedderEntry['metric'] | undefined;
  /** Kinds of things that the YOLOv8 decoder tells apart. @defaultValue as many as the outputs allow */
  readonly classes?: number | undefined;
  /** Points of each detection, of the YOLOv8 decoder. @defaultValue 5 of a face detector and 17 of a person detector with as many outputs, else 0 */
  readonly keypoints?: number | undefined;
  /** Order of the colours. */
  readonly channels?: ModelEntry['input']['channels'] | undefined;
  /** Subtracted from each pixel, 0 … 255, before it is scaled. */
  readonly mean?: number | undefined;
  /** Each pixel is multiplied by it after the mean is subtracted. */
  readonly scale?: number | undefined;
  /** Text for `diptych models list`. @defaultValue not said */
  readonly licence?: string | undefined;
}

/** A model file of a user, with what is needed to check it later. */
export interface CustomModelFile {
  /** Where it lies now. */
  readonly path: string;
  /** Hexadecimal, small letters. */
  readonly sha256: string;
  /** Its size. */
  readonly bytes: number;
}

/** How a picture is put into a model: name, size, layout and scaling of its input. */
export type InputEntry = ModelEntry['input'];

/** Where the five landmarks lie in 112×112 pixels in most face embedders (ArcFace's `arcface_dst`). */
const ARCFACE_SIDE = 112;
const ARCFACE_POINTS = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
] as const;
/** How most face embedders take pixels: −1 … 1. */
const EMBEDDER_PIXELS = { channels: 'RGB', mean: 127.5, scale: 1 / 127.5, pad: 0 } as const;

/** Numbers for a box in YOLOv8's export and in its raw heads. */
const EXPORT_BOX = 4;
const HEAD_BOX = 64;
const VALUES_PER_KEYPOINT = 3;
const LANDMARKS = 5;
/** Of a body (COCO), beside the score of the only class, person: pose exports of YOLOv8 and YOLO11. */
const BODY_POINTS = 17;
const POSE_VALUES = 1 + BODY_POINTS * VALUES_PER_KEYPOINT;

/** `models add` of `My Model-v2.onnx` calls it `my-model-v2`. */
export const nameOfFile = (path: string): string =>
  basename(path, '.onnx')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/**
 * What goes into a network: its name, layout and size from the graph, colours and scaling from a
 * model that is read alike.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where a picture can't be put in.
 */
export function inputOf(model: OnnxModel, options: CustomModelOptions, manifest: Manifest): InputEntry {
  const inputs = networkInputs(model.graph);
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) {
    throw new DiptychError('DIPTYCH_E_MODEL', `the network has ${inputs.length} inputs; one picture goes in`);
  }
  const dims = shapeOf(input) ?? [];
  const order = dims[3] === 3 && dims[1] !== 3 ? 'nhwc' : 'nchw';
  const [channels, height, width] = order === 'nhwc' ? [dims[3], dims[1], dims[2]] : [dims[1], dims[2], dims[3]];
  const takesPicture = dims.length === 4 && (typeof channels !== 'number' || channels === 3);
  if (!takesPicture) {
    const got = dims.map((side) => side ?? '?').join('×') || 'of no known shape';
    throw new DiptychError('DIPTYCH_E_MODEL', `the input ${input.name} is ${got}; a picture of three colours goes in`);
  }
  const alike = likeOf(options, manifest);
  const ownSize = typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined;
  const pixels = options.task === 'embedder' ? EMBEDDER_PIXELS : alike!.input;
  const size = ownSize ?? alike?.input.size ?? { width: ARCFACE_SIDE, height: ARCFACE_SIDE };
  return {
    name: input.name,
    size,
    channels: options.channels ?? pixels.channels,
    order,
    mean: options.mean ?? pixels.mean,
    scale: options.scale ?? pixels.scale,
    pad: pixels.pad,
  };
}

/** The outputs' names in the order in which the decoder reads them; the graph's own where they are called otherwise. */
export function outputNamesOf(model: OnnxModel, options: CustomModelOptions, manifest: Manifest): readonly string[] {
  const names = model.graph.output.map(({ name }) => name);
  const usual = likeOf(options, manifest)?.outputs;
  return usual?.every((name) => names.includes(name)) ? usual : names;
}

/**
 * The manifest entry of a custom model.
 *
 * @param outputs - shapes of what the network gave for one picture
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it is no such model.
 */
export function describeCustomModel(
  options: CustomModelOptions,
  file: CustomModelFile,
  input: InputEntry,
  outputNames: readonly string[],
  outputs: readonly (readonly number[])[],
  manifest: Manifest,
): ModelEntry {
  const name = options.name ?? nameOfFile(file.path);
  const common = {
    name,
    title: `Your own ${basename(file.path)}`,
    file: `${name}.onnx`,
    sha256: file.sha256,
    bytes: file.bytes,
    licence: options.licence ?? 'not said',
    sources: [],
    outputs: [...outputNames],
  };
  if (options.task === 'embedder') return embedder(common, input, options, outputs);
  const alike = likeOf(options, manifest)!;
  const { regions, minScore } = alike;
  return { ...common, regions, minScore, task: options.task, input, decoder: decoderOf(options, outputs) };
}

function embedder(
  common: Omit<EmbedderEntry, 'task' | 'input' | 'length' | 'metric' | 'alignment'>,
  { size, order, ...input }: InputEntry,
  { metric = 'cosine' }: CustomModelOptions,
  outputs: readonly (readonly number[])[],
): EmbedderEntry {
  const [dims] = outputs;
  if (outputs.length !== 1 || dims?.length !== 2 || !('width' in size) || order !== 'nchw') {
    const got = outputs.map((each) => each.join('×')).join(', ');
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `an embedder takes 1×3×height×width and gives 1×numbers; this one takes ${order} and gives ${got}`,
    );
  }
  const place = ([x, y]: readonly [number, number]): [number, number] => [
    (x * size.width) / ARCFACE_SIDE,
    (y * size.height) / ARCFACE_SIDE,
  ];
  const [a, b, c, d, e] = ARCFACE_POINTS;
  return {
    ...common,
    task: 'embedder',
    input: { ...input, size, order },
    length: dims[1]!,
    metric,
    alignment: { type: 'landmarks', points: [place(a), place(b), place(c), place(d), place(e)] },
  };
}

/** Classes and keypoints follow from how many numbers there are for each detection, if nobody says them. */
function decoderOf(options: CustomModelOptions, outputs: readonly (readonly number[])[]): DetectorEntry['decoder'] {
  const { decoder = 'yolov8' } = options;
  if (decoder !== 'yolov8') return { type: decoder };
  const [dims = []] = outputs;
  const isExport = dims.length === 3;
  const values = isExport ? Math.min(dims[1]!, dims[2]!) - EXPORT_BOX : (dims[1] ?? 0) - HEAD_BOX;
  const { keypoints = usualKeypoints(options, values) } = options;
  const classes = options.classes ?? Math.max(1, values - keypoints * VALUES_PER_KEYPOINT);
  return { type: 'yolov8', classes, keypoints };
}

/** Points of each detection where nobody says how many there are. */
function usualKeypoints({ task, classes }: CustomModelOptions, values: number): number {
  if (task === 'face-detector') return values > LANDMARKS * VALUES_PER_KEYPOINT ? LANDMARKS : 0;
  return values === POSE_VALUES && (classes === undefined || classes === 1) ? BODY_POINTS : 0;
}

/** A model of diptych's own list whose outputs are read in the same way. */
function likeOf({ task, decoder }: CustomModelOptions, { models }: Manifest): DetectorEntry | undefined {
  const detectors = models.filter(isDetector).filter((model) => model.decoder.type === decoder);
  return detectors.find((model) => model.task === task) ?? detectors[0];
}
