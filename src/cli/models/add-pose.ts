import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';
import type { CustomModelOptions } from '../../stream/models/custom-model.js';
import { describePose, posePixelsOf, refuseOtherOptions } from '../../stream/models/custom-pose.js';
import type { PoseEntry } from '../../stream/models/manifest.js';
import type { ModelStore } from '../../stream/models/model-store.adapter.js';
import { encodeOnnx } from '../../stream/onnx/onnx-file.js';
import { findSimcc, readAsPoses } from '../../stream/onnx/simcc-output.js';
import { checkOutputs, runOnce } from './check.js';
import type { LookedAtModel } from './look-at.js';
import { withModelFile } from './temporary-model.adapter.js';

/** What is said of a model that may be a pose network. */
export type MaybePoseOptions = Partial<Omit<CustomModelOptions, 'task'>> & {
  readonly name: string;
  readonly task?: CustomModelOptions['task'] | 'pose' | undefined;
};

/** A pose network that was taken in. */
export interface TakenPose {
  /** Its entry in the store. */
  readonly entry: PoseEntry;
  /** Keypoints that the network gives, of which the first 17 are used. */
  readonly keypoints: number;
}

/**
 * Takes a pose network in, which is seen by its outputs, in the form that streams read.
 *
 * @param path - where its file lies now
 * @returns `undefined` where the file is none, and nobody says that it is
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it is one that can't be read, or is said to be something else.
 */
export async function takeInPose(
  store: ModelStore,
  path: string,
  { model, input, outputs }: LookedAtModel,
  options: MaybePoseOptions,
): Promise<TakenPose | undefined> {
  const { name, task } = options;
  const simcc = input && findSimcc(input.size, outputs);
  if (!simcc) {
    if (task !== 'pose') return undefined;
    const got = outputs.map((output) => [output.name, output.dims.join('×')].join(' ').trim()).join(', ');
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `${path} is no pose network that can be read: its outputs are ${got}; expected what RTMPose gives, ` +
        'simcc_x and simcc_y, for one picture of a fixed size (1×3×256×192 or another)',
    );
  }
  if (task !== undefined && task !== 'pose') {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `${path} finds ${simcc.keypoints} keypoints of one person at a time and is no ${task}; add it without --task, ` +
        'then set detect.pose to its name, and detect.model to a detector of whole people',
    );
  }
  refuseOtherOptions(options);
  readAsPoses(model, simcc, posePixelsOf(options));
  const [output] = model.graph.output;
  return withModelFile(basename(path), encodeOnnx(model), async (file) => {
    const sha256 = createHash('sha256').update(file.content).digest('hex');
    const whole = { path, sha256, bytes: file.content.length };
    const entry = describePose(name, options, whole, input, output!.name);
    for (const count of entry.maxBatch > 1 ? [1, 2] : [1]) {
      checkOutputs(entry, await runOnce(file.path, entry, count), count);
    }
    await store.add(file.path, entry);
    return { entry, keypoints: simcc.keypoints };
  });
}
