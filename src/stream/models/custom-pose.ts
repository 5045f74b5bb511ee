import { basename } from 'node:path';
import type { Size } from '../../shared/domain/box.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { OnnxModel } from '../onnx/onnx-file.js';
import { networkInputs, shapeOf } from '../onnx/onnx-graph.js';
import { IMAGENET_PIXELS, type ChannelPixels } from '../onnx/simcc-output.js';
import type { CustomModelFile, CustomModelOptions } from './custom-model.js';
import type { PoseEntry } from './manifest.js';

/** What a user may say of a pose network. */
export type CustomPoseOptions = Pick<CustomModelOptions, 'channels' | 'mean' | 'scale' | 'licence'>;

/** What goes into a network that takes one person at a time. */
export interface PoseInput {
  /** Of the input, in the graph. */
  readonly name: string;
  /** Of the pictures that go in, pixels. */
  readonly size: Size;
  /** Whether several go in at once. */
  readonly isBatched: boolean;
}

/** Crops of one frame go in together, up to this many, as on a GPU. */
const MAX_BATCH = 8;

/** The input of a network with one picture of a fixed size, colours first; `undefined` where it is another. */
export function poseInputOf({ graph }: OnnxModel): PoseInput | undefined {
  const [input, ...others] = networkInputs(graph);
  const [batch, channels, height, width] = (input && shapeOf(input)) ?? [];
  if (!input || others.length > 0 || channels !== 3 || typeof height !== 'number' || typeof width !== 'number') {
    return undefined;
  }
  return { name: input.name, size: { width, height }, isBatched: batch !== 1 };
}

/** What such a network wants of its pixels, where its user says nothing; `undefined` where they do. */
export function posePixelsOf({ channels, mean, scale }: CustomPoseOptions): ChannelPixels | undefined {
  if (mean !== undefined || scale !== undefined) return undefined;
  if (channels !== 'BGR') return IMAGENET_PIXELS;
  const [red, green, blue] = IMAGENET_PIXELS.mean;
  const [redStd, greenStd, blueStd] = IMAGENET_PIXELS.std;
  return { mean: [blue, green, red], std: [blueStd, greenStd, redStd] };
}

/** The manifest entry of a pose network of the user, whose file gives poses. */
export function describePose(
  name: string,
  { channels = 'RGB', mean = 0, scale = 1, licence = 'not said' }: CustomPoseOptions,
  file: CustomModelFile,
  input: PoseInput,
  output: string,
): PoseEntry {
  return {
    name,
    task: 'pose',
    title: `Your own ${basename(file.path)}: keypoints of one person at a time`,
    file: `${name}.onnx`,
    sha256: file.sha256,
    bytes: file.bytes,
    licence,
    sources: [],
    input: { name: input.name, size: input.size, channels, order: 'nchw', mean, scale, pad: 0 },
    outputs: [output],
    maxBatch: input.isBatched ? MAX_BATCH : 1,
  };
}

type OtherOptions = Partial<Pick<CustomModelOptions, 'decoder' | 'metric' | 'classes' | 'keypoints'>>;

/** Refuses options that are of detectors and embedders. @throws {@link DiptychError} `DIPTYCH_E_USAGE` */
export function refuseOtherOptions(options: OtherOptions): void {
  const given = (['decoder', 'metric', 'classes', 'keypoints'] as const).find((key) => options[key] !== undefined);
  if (given === undefined) return;
  throw new DiptychError('DIPTYCH_E_USAGE', `--${given}: a pose network has none; leave the option out`);
}
