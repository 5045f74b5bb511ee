import type { Size } from '../../../shared/domain/box.js';
import type { DetectConfig } from '../../../shared/config/schema.js';
import { toGpuError } from '../../backend/gpu/gpu-error.js';
import type { GpuModels, OpenGpuModel } from '../../backend/gpu/gpu-models.adapter.js';
import type { ResolvedDetector } from '../../models/model-file.js';
import type { ModelStore } from '../../models/model-store.adapter.js';
import type { NativeAddon } from '../../native/types.js';
import { candidateSpecOf, readCandidates } from './candidates.js';
import type { Detector } from './detector.js';
import { FrameDetector, type CropPort } from './frame-detector.js';

/** What a detector on the GPU works with. */
export interface GpuDetectorDeps {
  /** Runs networks on the GPU and keeps frames alive meanwhile. */
  readonly addon: Pick<NativeAddon, 'retain' | 'release' | 'detectOnGpu' | 'gpuLostReason'>;
  /** Opens networks on the GPU. */
  readonly models: Pick<GpuModels, 'open'>;
  /** Finds the model's file, or fetches it. */
  readonly store: Pick<ModelStore, 'resolveDetector'>;
  /** Path of the file that runs on the GPU in place of the model's, e.g. one in half precision. */
  readonly pathFor: (file: ResolvedDetector) => Promise<string>;
  /** Expected size of the frames, for which the network is opened, pixels. @defaultValue 1920×1080 */
  readonly expectedPicture?: Size;
  /** Stops the fetching of the model. */
  readonly signal?: AbortSignal;
}

const FULL_HD: Size = { width: 1920, height: 1080 };

/**
 * Opens a detector on the GPU: letterbox, network and the search for candidates run there, NMS here. Takes frames
 * in GPU memory; several may be under way, and the regions of one picture share a batch.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where no model can be loaded, `DIPTYCH_E_GPU` where the
 * GPU cannot run it, `DIPTYCH_E_GPU_LOST`; `detect` rejects with the same codes.
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
    get nmsIou() {
      return config.nmsIou;
    },
    regions: entry.regions,
  });
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
          const scoreThreshold = Math.max(config.scoreThreshold, entry.minScore);
          const request = { ...(crop && { crop }), scoreThreshold };
          const candidates = await addon.detectOnGpu(id, handle, request);
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

/** One network, for the size of input asked for last; another size replaces it. */
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
    // Closing waits for what is under way.
    void current?.network.then((former) => former.close()).catch(() => undefined);
    return network;
  }

  async close(): Promise<void> {
    const network = await this.#current?.network.catch(() => undefined);
    await network?.close();
  }
}
