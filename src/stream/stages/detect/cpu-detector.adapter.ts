import type { Size } from '../../../shared/domain/box.js';
import type { DetectConfig } from '../../../shared/config/schema.js';
import { InferenceThread } from '../../inference/inference-thread.adapter.js';
import type { DetectorEntry, PoseEntry } from '../../models/manifest.js';
import type { ModelFile, ResolvedDetector } from '../../models/model-file.js';
import type { ModelStore } from '../../models/model-store.adapter.js';
import type { NativeAddon } from '../../native/types.js';
import type { Detector } from './detector.js';
import { MIN_FACE_SCORE } from './face-attacher.js';
import type { DetectAnswer, DetectRequest, DetectorSetup, NetworkSetup, PoseSetup } from './detector-messages.js';

/** What a detector on the CPU works with. */
export interface DetectorDeps {
  /** Keeps frames alive while the thread reads them. */
  readonly addon: Pick<NativeAddon, 'retain' | 'release'>;
  /** Finds the model's file, or fetches it. */
  readonly store: Pick<ModelStore, 'resolveDetector'>;
  /** Expected size of the frames, for which the network is warmed up, pixels. @defaultValue 1920×1080 */
  readonly expectedPicture?: Size;
  /** See {@link Detector.isThrifty}. @defaultValue false */
  readonly isThrifty?: boolean | undefined;
  /** Stops the fetching of the model. */
  readonly signal?: AbortSignal;
}

/** `detect.inputWidth` at which a model's own sizes are used as they are. */
const USUAL_INPUT_WIDTH = 640;

const FULL_HD: Size = { width: 1920, height: 1080 };

/**
 * Starts the detector thread for the model that the configuration asks for; the network has run
 * once when this resolves.
 *
 * @param config - its thresholds are read anew for each frame
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where no model can be loaded or it is not as the
 * manifest says; `DIPTYCH_E_NATIVE` where the addon cannot be loaded.
 */
export async function createCpuDetector(config: DetectConfig, deps: DetectorDeps): Promise<Detector> {
  const model = await deps.store.resolveDetector(config.model, deps.signal, config.pose);
  const { entry, reason } = model;
  const { addon } = deps;
  const thread = await InferenceThread.start<DetectorSetup, DetectRequest, DetectAnswer>({
    role: 'detector',
    file: 'stream/stages/detect/detector-worker.adapter.js',
    setup: { ...setupFor(model, config, deps.expectedPicture ?? FULL_HD), isThrifty: deps.isThrifty },
    model: entry.name,
    addon,
  });
  return {
    model: entry.name,
    reason,
    isThrifty: deps.isThrifty,
    detect: async ({ handle, width, height, ptsMs }, hints = []) => {
      // A box may have more properties than can be sent to a thread.
      const boxes = hints.map((box) => ({ x: box.x, y: box.y, width: box.width, height: box.height }));
      const thresholds = thresholdsOf(model, config);
      const picture = { width, height };
      const answer = await thread.ask(handle, { handle, picture, ptsMs, hints: boxes, thresholds });
      return { ptsMs, ...answer, ...(model.faces && { bodies: true }) };
    },
    close: () => thread.close(),
  };
}

/** They may change from frame to frame. */
const thresholdsOf = (
  { entry }: Pick<ResolvedDetector, 'entry'>,
  { scoreThreshold, nmsIou }: DetectConfig,
): DetectRequest['thresholds'] => ({ scoreThreshold: Math.max(scoreThreshold, entry.minScore), nmsIou });

function setupFor(model: ResolvedDetector, config: DetectConfig, expectedPicture: Size): DetectorSetup {
  const { entry, faces, pose } = model;
  return {
    ...networkOf(model, config),
    inputLongSide: config.inputWidth,
    longSides: longSidesOf(entry, config),
    ...thresholdsOf({ entry }, config),
    regions: entry.regions,
    expectedPicture,
    ...(faces && { faces: networkOf(faces, config) }),
    ...(pose && { pose: poseSetupOf(pose, config) }),
  };
}

function networkOf({ entry, path }: ModelFile<DetectorEntry>, config: DetectConfig): NetworkSetup {
  const { channels, order, mean, scale, pad } = entry.input;
  return {
    path,
    threads: config.threads,
    decoder: entry.decoder,
    inputSize: entry.input.size,
    kind: entry.task === 'face-detector' ? 'face' : 'person',
    inputName: entry.input.name,
    outputNames: entry.outputs,
    pixels: { channels, order, mean, scale, pad },
    scoreThreshold: Math.max(MIN_FACE_SCORE, entry.minScore),
  };
}

function poseSetupOf({ entry, path }: ModelFile<PoseEntry>, { threads }: DetectConfig): PoseSetup {
  const { name, size, channels, order, mean, scale, pad } = entry.input;
  return {
    ...{ path, threads, inputName: name, outputNames: entry.outputs },
    pixels: { channels, order, mean, scale, pad },
    inputSize: size,
    maxBatch: entry.maxBatch,
  };
}

/** The model's own long sides, scaled as the configuration scales those of other models. */
function longSidesOf({ input: { size } }: DetectorEntry, { inputWidth }: DetectConfig) {
  if (!('longSides' in size) || size.longSides === undefined) return undefined;
  const [near, far] = size.longSides;
  const scaled = (side: number): number => (side * inputWidth) / USUAL_INPUT_WIDTH;
  return [scaled(near), scaled(far)] as const;
}
