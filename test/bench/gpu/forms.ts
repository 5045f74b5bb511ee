import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { streamConfigFor } from '#src/bench/measured-chain.js';
import { rounded } from '#src/bench/measure.js';
import { convertVariant } from '#src/stream/models/conversion/convert-variant.js';
import type { OpenGpuModel } from '#src/stream/backend/gpu/gpu-models.adapter.js';
import { cacheFolder } from '#src/stream/models/cache-folder.adapter.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { variantFile, type VariantOptions } from '#src/stream/models/model-variant.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import { createGpuDetector } from '#src/stream/stages/detect/gpu-detector.adapter.js';
import type { Detector } from '#src/stream/stages/detect/detector.js';
import { loadTestAddon } from '../../integration/native/test-addon.js';
import { framesOf } from './frames.js';
import { longClip } from './long-clip.adapter.js';
import { summed, timeCalls } from './measure.js';
import { MAX_BATCH, requireGpu } from './required-gpu.js';
import type { Step, StepContext } from './step.js';

const MODELS = (process.env['DIPTYCH_MODELS'] ?? 'blazeface,yunet').split(',');
/** The last ones fill more than one run. */
const ASKERS = [...new Set([1, 8, MAX_BATCH, 2 * MAX_BATCH])];

const FORMS: Readonly<Record<string, VariantOptions | undefined>> = {
  'as it is': undefined,
  'any number, 32 bits': { fp16: false, dynamicBatch: true },
  'any number, 16 bits': { fp16: true, dynamicBatch: true },
};

/** What a form of a network costs to open, and then a frame: alone, and several streams at once. */
export const forms: Step = {
  summary: 'networks as they are shipped and converted: opening, and a frame alone and of several streams',
  limitS: 180,
  async run(context) {
    const addon = loadTestAddon();
    await requireGpu();
    const frames = await framesOf(addon, await longClip(), { memory: 'cuda' });
    for (const model of MODELS) {
      for (const [form, options] of Object.entries(FORMS)) await measureForm({ model, form, options }, frames, context);
    }
    for (const { handle } of frames) addon.release(handle);
  },
};

interface Form {
  readonly model: string;
  readonly form: string;
  readonly options: VariantOptions | undefined;
}

async function measureForm(
  { model, form, options }: Form,
  frames: readonly NativeFrame[],
  { isQuick, put }: StepContext,
): Promise<void> {
  const addon = loadTestAddon();
  const { models } = await requireGpu();
  const { detect } = streamConfigFor(await longClip(), { width: 1920, height: 1080 });
  let openedMs = 0;
  let network: OpenGpuModel | undefined;
  const open = (): Promise<Detector> =>
    createGpuDetector(
      { ...detect, model },
      {
        addon,
        store: new ModelStore(),
        models: {
          open: async (question) => {
            const begunMs = performance.now();
            network = await models.open(question);
            openedMs = Math.max(openedMs, performance.now() - begunMs);
            return network;
          },
        },
        pathFor: ({ path }) => formOf(path, options),
      },
    );
  const detectors: Detector[] = [];
  try {
    while (detectors.length < Math.max(...ASKERS)) detectors.push(await open());
    put({ what: `${model}, ${form}: opening`, unit: 'ms', value: rounded(openedMs, 0) });
    for (const askers of ASKERS) {
      const times = await timeCalls(isQuick ? 3 : 150, isQuick ? 1 : 20, (i) =>
        Promise.all(detectors.slice(0, askers).map((each, k) => each.detect(frames[(i + k) % frames.length]!))),
      );
      const stats = addon.gpuModelStats(network!.id);
      put({
        what: `${model}, ${form}: ${askers} at once, a frame`,
        unit: 'ms',
        ...summed(times.map((ms) => ms / askers)),
        note: `one run on the GPU p50 ${rounded(stats.deviceMs.p50, 3)} ms, at most ${network!.maxBatch} pictures`,
      });
    }
  } finally {
    for (const detector of detectors) await detector.close();
  }
}

/** Path of a model in a form, made where it is not there. */
async function formOf(path: string, options: VariantOptions | undefined): Promise<string> {
  if (!options) return path;
  const folder = cacheFolder('bench');
  await mkdir(folder, { recursive: true });
  const made = join(folder, variantFile(basename(path), options));
  await writeFile(made, convertVariant(await readFile(path), path, options).bytes);
  return made;
}
