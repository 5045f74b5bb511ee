import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { closestWord } from '../shared/config/closest-word.js';
import type { ValueIssue } from '../shared/config/explain-issue.js';
import { gatewaySchema, type GatewayConfig, type StreamConfig } from '../shared/config/schema.js';
import { findMissingSources } from '../shared/config/source-file.adapter.js';

/** Names that a configuration may give to models. */
export interface ModelNames {
  /** For `detect.model`, beside `auto`. */
  readonly detectors: readonly string[];
  /** Those of `detectors` that find whole people. */
  readonly personDetectors: readonly string[];
  /** For `detect.pose`, beside `off`. */
  readonly poses: readonly string[];
  /** For `reid.model`. */
  readonly embedders: readonly string[];
}

/**
 * What of a configuration cannot work on this machine: files and folders that are missing or may not be written, models
 * that nobody knows.
 *
 * @param directory - what `state.folder` counts from
 */
export const findMachineProblems = (config: GatewayConfig, models: ModelNames, directory: string): ValueIssue[] => [
  ...findMissingSources(config),
  ...findUnknownModels(config, models),
  ...findFolderProblems(config, directory),
];

function findUnknownModels({ streams }: GatewayConfig, models: ModelNames): ValueIssue[] {
  const { detectors, embedders, poses } = models;
  return streams.flatMap(({ detect, reid }, index) => [
    ...(poses.includes(detect.model)
      ? poseAsDetector(detect.model, ['streams', index, 'detect', 'model'])
      : modelProblem(detect.model, ['auto', ...detectors], ['streams', index, 'detect', 'model'])),
    ...modelProblem(detect.pose, ['off', ...poses], ['streams', index, 'detect', 'pose']),
    ...poseWithoutBodies(detect, models, ['streams', index, 'detect', 'pose']),
    ...modelProblem(reid.model, embedders, ['streams', index, 'reid', 'model']),
  ]);
}

const poseAsDetector = (model: string, path: ValueIssue['path']): ValueIssue[] => [
  {
    path,
    isKey: false,
    message: `${model} finds the keypoints of one person at a time and is no detector; set detect.pose: ${model}, and detect.model to a detector of whole people (such as movenet)`,
  },
];

/** Files may be of any kind, which is known once they are opened. */
function poseWithoutBodies(
  { model, pose }: StreamConfig['detect'],
  { detectors, personDetectors }: ModelNames,
  path: ValueIssue['path'],
): ValueIssue[] {
  const findsFaces = model === 'auto' || (detectors.includes(model) && !personDetectors.includes(model));
  if (pose === 'off' || !findsFaces) return [];
  const message = `the detector (detect.model: ${model}) finds faces, and ${pose} reads the keypoints of whole people; set detect.model to ${personDetectors.join(', ')}, or detect.pose to off`;
  return [{ path, isKey: false, message }];
}

function modelProblem(model: string, known: readonly string[], at: ValueIssue['path']): ValueIssue[] {
  const report = (message: string): ValueIssue[] => [{ path: at, isKey: false, message }];
  if (model.endsWith('.onnx')) {
    // `name=path` is a file of that model's kind.
    const file = model.slice(model.indexOf('=') + 1);
    return existsSync(file) ? [] : report(`there is no file ${file}; check the path`);
  }
  if (known.includes(model)) return [];
  const meant = closestWord(model, known);
  const advice = meant === undefined ? '' : `did you mean "${meant}"? `;
  return report(
    `there is no model "${model}"; ${advice}There is: ${known.join(', ')}; diptych models add brings another`,
  );
}

const DEFAULT_STATE_FOLDER = gatewaySchema.parse({}).state.folder;

function findFolderProblems({ recordings, state, streams }: GatewayConfig, directory: string): ValueIssue[] {
  const isRecorded = streams.some(({ record }) => record.enabled);
  const recordingProblem =
    recordings.folder === '' ? undefined : explainFolder(path.resolve(recordings.folder), { mustExist: isRecorded });
  // The default is beside the file, which may be checked by somebody else than the one who runs the gateway.
  const stateProblem =
    state.folder === '' || state.folder === DEFAULT_STATE_FOLDER
      ? undefined
      : explainFolder(path.resolve(directory, state.folder), { mustExist: false });
  const report = (block: string, message: string | undefined): ValueIssue[] =>
    message === undefined ? [] : [{ path: [block, 'folder'], isKey: false, message }];
  return [...report('recordings', recordingProblem), ...report('state', stateProblem)];
}

/** Why a folder cannot be written to, and what to do; `undefined` where it can, or can be made. */
export function explainFolder(folder: string, { mustExist }: { readonly mustExist: boolean }): string | undefined {
  let nearest = folder;
  while (!existsSync(nearest) && path.dirname(nearest) !== nearest) nearest = path.dirname(nearest);
  if (nearest !== folder && mustExist) return `there is no folder ${folder}; make it, or mount the disk that it is on`;
  if (!statSync(nearest).isDirectory()) return `${nearest} is a file; give the path of a folder`;
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    const what =
      nearest === folder ? `the folder ${folder} may not be written to` : `${folder} cannot be made in ${nearest}`;
    return `${what}; give this user the right to write there, or choose another folder`;
  }
}
