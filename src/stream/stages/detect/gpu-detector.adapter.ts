import type { Size } from '../../../shared/domain/box.js';
import type { DetectConfig } from '../../../shared/config/schema.js';
import { toGpuError } from '../../backend/gpu/gpu-error.js';
import type { GpuModels, OpenGpuModel } from '../../backend/gpu/gpu-models.adapter.js';
import type { ModelStore, ResolvedDetector } from '../../models/model-store.adapter.js';
import type { NativeAddon } from '../../native/types.js';
import { candidateSpecOf, readCandidates } from './candidates.js';
import type { Detector } from './detector.js';
import { FrameDetector, type CropPort } from './frame-detector.js';

export interface GpuDetectorDeps {
  readonly addon: Pick<NativeAddon, 'retain' | 'release' | 'detectOnGpu' | 'gpuLostReason'>;
  readonly models: Pick<GpuModels, 'open'>;
  readonly store: Pick<ModelStore, 'resolveDetector'>;
  /** The file that the card shall run in place of the model's, e.g. one of half the precision. */
  readonly pathFor: (file: ResolvedDetector) => Promise<string>;
  /** Size of the pictures to come, so that the first one meets a warm network. @defaultValue 1920×1080 */
  readonly expectedPicture?: Size;
  /** Stops fetching the model. */
  readonly signal?: AbortSignal;
}

const FULL_HD: Size = { width: 1920, height: 1080 };

/**
 * A detector on the GPU: letterbox, network and finding of candidates there, NMS here. Takes frames
 * in the card's memory; several may be under way, and the parts of one picture share a run.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where no model can be had, `DIPTYCH_E_GPU` where the
 * card can't run it, `DIPTYCH_E_GPU_LOST`; also what `detect` rejects with.
 */
export async function createGpuDetector(config: DetectConfig, deps: GpuDetectorDeps): Promise<Detector> {
  const file = await deps.store.resolveDetector(config.model, deps.signal);
  const { entry, reason } = file;
  const { addon, models } = deps;
  const kind = entry.task === 'face-detector' ? 'face' : 'person';
  const path = await deps.pathFor(file);
  const detector = new FrameDetector({
    inputSize: entry.input.size,
    inputLongSide: config.inputWidth,
    nmsIou: config.nmsIou,
    regions: entry.regions,
  });
  const scoreThreshold = Math.max(config.scoreThreshold, entry.minScore);
  const { channels, order, mean, scale, pad } = entry.input;
  const networks = new SizedNetworks(({ width, height }) =>
    models.open({
      path,
      inputName: entry.input.name ?? '',
      outputNames: entry.outputs ?? [],
      input: { width, height, channels, order, mean, scale, pad },
      decode: candidateSpecOf(entry.decoder),
    }),
  );
  await networks.for(detector.inputFor(deps.expectedPicture ?? FULL_HD));

  return {
    model: entry.name,
    reason,
    detect: async ({ handle, width, height, ptsMs }, hints = []) => {
      const port: CropPort = {
        find: async (crop, input) => {
          const { id } = await networks.for(input);
          const question = { ...(crop && { crop }), scoreThreshold };
          const candidates = await addon.detectOnGpu(id, handle, question);
          const { ratio, offset } = candidates.mapping;
          const mapping = { ratio, offset, origin: crop ?? { x: 0, y: 0 } };
          return readCandidates(candidates, { spec: entry.decoder, kind, mapping });
        },
      };
      addon.retain(handle);
      try {
        return { ptsMs, detections: await detector.detect(port, { width, height }, hints) };
      } catch (error) {
        throw toGpuError(error, 'detecting', addon.gpuLostReason());
      } finally {
        addon.release(handle);
      }
    },
    close: () => networks.close(),
  };
}

/** A network for the size of input that is asked for; pictures of another size replace it. */
class SizedNetworks {
  readonly #open: (input: Size) => Promise<OpenGpuModel>;
  #current: { readonly input: Size; readonly network: Promise<OpenGpuModel> } | undefined;

  constructor(open: (input: Size) => Promise<OpenGpuModel>) {
    this.#open = open;
  }

  for(input: Size): Promise<OpenGpuModel> {
    const current = this.#current;
    if (current?.input.width === input.width && current.input.height === input.height) return current.network;
    const network = this.#open(input);
    this.#current = { input, network };
    // What was asked of the former one is answered before it goes.
    void current?.network.then((former) => former.close()).catch(() => undefined);
    return network;
  }

  async close(): Promise<void> {
    const network = await this.#current?.network.catch(() => undefined);
    await network?.close();
  }
}
