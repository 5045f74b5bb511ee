import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { GpuModels, OpenGpuModel } from '../../backend/gpu/gpu-models.adapter.js';
import type { ModelFile } from '../../models/model-file.js';
import type { PoseEntry } from '../../models/manifest.js';
import type { NativeAddon } from '../../native/types.js';
import { PoseAttacher, type PosePort } from './pose-attacher.js';
import { POSE_VALUES } from './pose-crop.js';

/** What a pose network on the GPU works with. */
export interface GpuPoseDeps {
  /** Runs it on frames in the memory of the GPU. */
  readonly addon: Pick<NativeAddon, 'embedOnGpu'>;
  /** Opens networks on the GPU. */
  readonly models: Pick<GpuModels, 'open'>;
  /** Path of the file that runs on the GPU in place of the model's, e.g. one in half precision. */
  readonly pathFor: (file: ModelFile<PoseEntry>) => Promise<string>;
}

/** A pose network on the GPU: crops are cut and read there, several people at once where the file takes them. */
export class GpuPose {
  /** Gives people their poses. */
  readonly attacher: PoseAttacher;
  readonly #network: OpenGpuModel;
  readonly #addon: GpuPoseDeps['addon'];

  private constructor(attacher: PoseAttacher, network: OpenGpuModel, addon: GpuPoseDeps['addon']) {
    this.attacher = attacher;
    this.#network = network;
    this.#addon = addon;
  }

  /** Opens the network. @throws {@link DiptychError} `DIPTYCH_E_GPU`, `DIPTYCH_E_GPU_LOST`, `DIPTYCH_E_MODEL`. */
  static async open(file: ModelFile<PoseEntry>, { addon, models, pathFor }: GpuPoseDeps): Promise<GpuPose> {
    const { name, size, channels, order, mean, scale, pad } = file.entry.input;
    const network = await models.open({
      path: await pathFor(file),
      inputName: name ?? '',
      outputNames: file.entry.outputs ?? [],
      // As such networks are trained.
      input: { ...size, channels, order, mean, scale, pad, outside: 'pad' },
      // For the addon, what is read of a crop is an embedding.
      embeddingLength: POSE_VALUES,
    });
    return new GpuPose(new PoseAttacher(size), network, addon);
  }

  /** Reads poses in this frame, which must live as long. */
  in(handle: FrameHandle): PosePort {
    return {
      read: async (crops) => {
        const matrices = Float64Array.from(crops.flat());
        return (await this.#addon.embedOnGpu(this.#network.id, handle, matrices)).embeddings;
      },
    };
  }

  /** Answers what was asked before, then frees the network. */
  close(): Promise<void> {
    return this.#network.close();
  }
}
