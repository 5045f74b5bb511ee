import type { GpuModel, GpuModelOptions, NativeAddon } from '../../native/types.js';
import { ChannelOrder } from './channel-order.adapter.js';
import { toGpuError } from './gpu-error.js';

/** What all networks of a GPU have in common. */
export type GpuModelCommon = Pick<GpuModelOptions, 'library' | 'provider' | 'isExact' | 'cache' | 'maxBatch'>;

/** What tells one network from another. */
export type GpuModelRequest = Omit<GpuModelOptions, keyof GpuModelCommon | 'maxWaitMs'>;

/** A network that one stream has the use of; others who ask for the same one share its runs. */
export interface OpenGpuModel extends GpuModel {
  /** Answers what was asked before. Idempotent. */
  close(): Promise<void>;
}

/** Frames of other streams are waited for this long, ms, to go through a network together. */
const MAX_WAIT_MS = 2;

/** Opens networks on the GPU of this process. */
export class GpuModels {
  readonly #addon: Pick<NativeAddon, 'openGpuModel' | 'closeGpuModel' | 'gpuLostReason'>;
  readonly #common: GpuModelCommon;
  readonly #channelOrder = new ChannelOrder();

  constructor(addon: Pick<NativeAddon, 'openGpuModel' | 'closeGpuModel' | 'gpuLostReason'>, common: GpuModelCommon) {
    this.#addon = addon;
    this.#common = common;
  }

  /** What runs the networks. */
  get provider(): GpuModelCommon['provider'] {
    return this.#common.provider;
  }

  /**
   * Opens a network, or shares one that is open already. Whether its channels are innermost is decided by its
   * convolutions where the request does not say.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_GPU`, `DIPTYCH_E_GPU_LOST`, `DIPTYCH_E_MODEL`.
   */
  async open(request: GpuModelRequest): Promise<OpenGpuModel> {
    const channelsLast = request.channelsLast ?? (await this.#channelOrder.isLast(request.path));
    let model: GpuModel;
    try {
      model = await this.#addon.openGpuModel({ ...this.#common, ...request, channelsLast, maxWaitMs: MAX_WAIT_MS });
    } catch (error) {
      throw toGpuError(error, `opening ${request.path}`, this.#addon.gpuLostReason());
    }
    let closing: Promise<void> | undefined;
    return { ...model, close: () => (closing ??= this.#close(model.id)) };
  }

  async #close(id: number): Promise<void> {
    await this.#addon.closeGpuModel(id).catch((error: unknown) => {
      // What lay on a lost GPU cannot be freed any more.
      if (this.#addon.gpuLostReason() === undefined) throw toGpuError(error, 'closing a network');
    });
  }
}
