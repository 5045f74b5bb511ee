import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DiptychError } from '../../shared/domain/errors.js';
import type { ModelEntry } from '../../stream/models/manifest.js';
import type { NamedShape } from '../../stream/onnx/simcc-output.js';
import { BODY_KEYPOINTS } from '../../stream/stages/detect/pose.js';
import type { ModelStore } from '../../stream/models/model-store.adapter.js';
import { findOneStagePoses, ONE_STAGE_PIXELS, readPosesAsYolov8 } from '../../stream/onnx/one-stage-poses.js';
import { endToEndKeypoints, readAsYolov8 } from '../../stream/onnx/end-to-end-output.js';
import { decodeOnnx, encodeOnnx, type OnnxModel } from '../../stream/onnx/onnx-file.js';
import {
  describeCustomModel,
  inputOf,
  nameOfFile,
  outputNamesOf,
  type CustomModelOptions,
} from '../../stream/models/custom-model.js';
import { numberOption, textOption, type CommandArguments } from '../command.js';
import { takeInPose } from './add-pose.js';
import { checkOutputs, runOnce } from './check.js';
import { lookAt } from './look-at.js';
import { withModelFile, type ReadModel } from './temporary-model.adapter.js';

const TASKS = ['face-detector', 'person-detector', 'embedder', 'pose'] as const;
const DECODERS = ['yunet', 'blazeface', 'full-range-face', 'scrfd', 'yolov8'] as const;
const METRICS = ['cosine', 'l2'] as const;
const CHANNELS = ['RGB', 'BGR'] as const;
const NAME = /^[a-z0-9][a-z0-9-]*$/;
/** In the configuration these are no names of models: detect.model, detect.pose and reid.model choose one, or none. */
const OTHER_MEANINGS: readonly string[] = ['auto', 'off'];
const MOST_CLASSES = 10_000;
const MOST_KEYPOINTS = 1000;

/** `diptych models add`: one line of how it is used. @throws {@link DiptychError} */
export async function addModel(store: ModelStore, names: readonly string[], args: CommandArguments): Promise<string> {
  const [file] = names;
  if (file === undefined || names.length > 1) {
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      'models add: name one file, e.g. my.onnx --task person-detector --decoder yolov8',
    );
  }
  const said = optionsFrom(args);
  const path = resolve(file);
  const name = said.name ?? nameOfFile(path);
  if (!NAME.test(name)) {
    throw new DiptychError('DIPTYCH_E_USAGE', `--name: expected small letters, digits and "-", got "${name}"`);
  }
  if (OTHER_MEANINGS.includes(name)) {
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `--name: "${name}" means something else in the configuration; give the model another name`,
    );
  }
  const content = await readFile(path).catch((error: unknown) => {
    throw new DiptychError('DIPTYCH_E_MODEL', `${path} can't be read: ${String(error)}`, { cause: error });
  });
  const seen = await lookAt({ path, content });
  const before = (await store.manifest()).models.find((model) => model.name === name);
  const pose = await takeInPose(store, path, seen, { ...said, name });
  if (pose) {
    const { width, height } = pose.entry.input.size;
    return (
      `${name}: ${howAdded(before, pose.entry)}; a pose network of one person at a time (RTMPose and its like), ${width}×${height}, ` +
      `${pose.keypoints} keypoints, ${pose.entry.maxBatch > 1 ? 'several people at once' : 'one by one'}; ` +
      `use it with detect.pose: ${name}, beside a detector of whole people (detect.model: movenet, or your own)`
    );
  }
  const kind = said.task === undefined && findOneStagePoses(seen.outputs) ? ONE_STAGE : {};
  const entry = await takeIn(store, { path, content }, { ...withTask({ ...said, ...kind }), name });
  return `${name}: ${howAdded(before, entry)}; use it with ${entry.task === 'embedder' ? 'reid.model' : 'detect.model'}: ${name}`;
}

/** What became of a model that had the name before, in words. */
function howAdded(before: ModelEntry | undefined, now: ModelEntry): string {
  if (before === undefined) return 'added';
  if (isDeepStrictEqual(before, now)) return 'was there already, the same file';
  const file = before.sha256 === now.sha256 ? 'the same file, read in another way' : `sha256 ${before.sha256}`;
  return `added in place of the ${before.task} of that name (${file})`;
}

/**
 * Finds out how a file is read, tries it, and puts it into the store: as it is, or as the decoder needs it.
 *
 * @param isChanged - it is as the decoder needs it already
 */
async function takeIn(
  store: ModelStore,
  { path, content }: ReadModel,
  options: CustomModelOptions,
  isChanged = false,
): Promise<ModelEntry> {
  const { task, decoder } = options;
  const manifest = await store.manifest();
  const model = decodeOnnx(content, path);
  const input = inputOf(model, options, manifest);
  const outputs = outputNamesOf(model, options, manifest);
  const results = await runOnce(path, { input, outputs: [...outputs] });
  const shapes = results.map(({ dims }, i) => ({ name: outputs[i]!, dims }));
  const changed =
    isChanged || task === 'embedder' || decoder !== 'yolov8' ? undefined : inYolov8Form(model, shapes, options);
  if (changed) return withModelFile(basename(path), encodeOnnx(model), (file) => takeIn(store, file, changed, true));
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = { path, sha256, bytes: content.length };
  const entry = describeCustomModel(
    options,
    file,
    input,
    outputs,
    results.map(({ dims }) => dims),
    manifest,
  );
  try {
    checkOutputs(entry, results);
  } catch (error) {
    if (!(error instanceof DiptychError)) throw error;
    // The model has no entry yet that could be checked.
    const reason = error.message.replace(/; (check its entry in|the file is not the model that) .*$/, '');
    throw new DiptychError('DIPTYCH_E_MODEL', `${path} can't be read that way: ${reason}`, { cause: error });
  }
  await store.add(path, entry);
  return entry;
}

/**
 * Gives a network whose detections are finished the outputs of a YOLOv8 export, in place.
 *
 * @returns how it is read then; `undefined` where its outputs are others, and nothing was changed
 */
function inYolov8Form(
  model: OnnxModel,
  outputs: readonly NamedShape[],
  options: CustomModelOptions,
): CustomModelOptions | undefined {
  const oneStage = findOneStagePoses(outputs);
  if (oneStage) {
    readPosesAsYolov8(model, oneStage);
    const {
      channels = ONE_STAGE_PIXELS.channels,
      mean = ONE_STAGE_PIXELS.mean,
      scale = ONE_STAGE_PIXELS.scale,
    } = options;
    return { ...options, classes: 1, keypoints: BODY_KEYPOINTS, channels, mean, scale };
  }
  const shapes = outputs.map(({ dims }) => dims);
  const keypoints = endToEndKeypoints(shapes);
  if (keypoints === undefined) return undefined;
  readAsYolov8(model, shapes[0]!);
  return { ...options, classes: 1, keypoints };
}

/** How a network is read that finds people with keypoints in one go, which is told by its outputs. */
const ONE_STAGE = { task: 'person-detector', decoder: 'yolov8' } as const;

/** What is said of a model, where its outputs do not tell what it is. */
function withTask({ task, ...others }: SaidOptions): CustomModelOptions {
  if (task !== undefined && task !== 'pose') return { ...others, task };
  throw new DiptychError(
    'DIPTYCH_E_USAGE',
    `--task: the outputs do not tell what the network finds; expected one of ${TASKS.join(', ')}`,
  );
}

type SaidOptions = Omit<CustomModelOptions, 'task'> & { readonly task: (typeof TASKS)[number] | undefined };

function optionsFrom(args: CommandArguments): SaidOptions {
  const task = choice(args, 'task', TASKS);
  const decoder = choice(args, 'decoder', DECODERS);
  if (task?.endsWith('detector') && decoder === undefined) {
    throw new DiptychError('DIPTYCH_E_USAGE', `--decoder: expected one of ${DECODERS.join(', ')}`);
  }
  return {
    name: textOption(args, 'name'),
    task,
    decoder,
    metric: choice(args, 'metric', METRICS),
    classes: numberOption(args, 'classes', { min: 1, max: MOST_CLASSES, integer: true }),
    keypoints: numberOption(args, 'keypoints', { min: 0, max: MOST_KEYPOINTS, integer: true }),
    channels: choice(args, 'channels', CHANNELS),
    mean: numberOption(args, 'mean', { min: -1e6, max: 1e6 }),
    scale: numberOption(args, 'scale', { min: 1e-9, max: 1e6 }),
    licence: textOption(args, 'licence'),
  };
}

function choice<T extends string>(args: CommandArguments, name: string, values: readonly T[]): T | undefined {
  const text = textOption(args, name);
  const value = values.find((each) => each === text);
  if (text === undefined || value !== undefined) return value;
  throw new DiptychError('DIPTYCH_E_USAGE', `--${name}: expected one of ${values.join(', ')}, got "${text}"`);
}
