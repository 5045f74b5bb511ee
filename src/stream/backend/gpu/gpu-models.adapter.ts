import type { GpuModel, GpuModelOptions, NativeAddon } from '../../native/types.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import { ChannelOrder } from './channel-order.adapter.js';
import { toGpuError } from './gpu-error.js';
import type { OwnConvolutionForms } from './own-convolution-forms.adapter.js';

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
  readonly #ownForms: Pick<OwnConvolutionForms, 'pathOf' | 'refuse'> | undefined;

  /**
   * Opens nothing yet.
   *
   * @param ownForms - forms of networks that are opened in place of them; none where they are opened as they are
   */
  constructor(
    addon: Pick<NativeAddon, 'openGpuModel' | 'closeGpuModel' | 'gpuLostReason'>,
    common: GpuModelCommon,
    ownForms?: Pick<OwnConvolutionForms, 'pathOf' | 'refuse'>,
  ) {
    this.#addon = addon;
    this.#common = common;
    this.#ownForms = ownForms;
  }

  /** What runs the networks. */
  get provider(): GpuModelCommon['provider'] {
    return this.#common.provider;
  }

  /**
   * Opens a network, or shares one that is open already: in the form with convolutions of our own where there is one and
   * it can be opened, else as it is. Whether its channels are innermost is then decided by its convolutions where the
   * request does not say.
   *
   * @param logger - told what was replaced, or why a form could not be made or opened
   * @throws {@link DiptychError} `DIPTYCH_E_GPU`, `DIPTYCH_E_GPU_LOST`, `DIPTYCH_E_MODEL`.
   */
  async open(request: GpuModelRequest, logger?: Pick<Logger, 'info' | 'warn'>): Promise<OpenGpuModel> {
    const { path } = request;
    const form = request.channelsLast === undefined ? await this.#ownForms?.pathOf(path, logger) : undefined;
    if (form !== undefined) {
      try {
        return await this.#open({ ...request, path: form, channelsLast: false });
      } catch (error) {
        const failure = toGpuError(error, `opening ${form}`, this.#addon.gpuLostReason());
        if (failure.code !== 'DIPTYCH_E_MODEL') throw failure;
        await this.#ownForms?.refuse(path);
        logger?.warn(`${path} is run as it is, not with convolutions of our own: ${failure.message}`);
      }
    }
    const channelsLast = request.channelsLast ?? (await this.#channelOrder.isLast(path));
    try {
      return await this.#open({ ...request, channelsLast });
    } catch (error) {
      throw toGpuError(error, `opening ${path}`, this.#addon.gpuLostReason());
    }
  }

  async #open(request: GpuModelRequest): Promise<OpenGpuModel> {
    const model: GpuModel = await this.#addon.openGpuModel({ ...this.#common, ...request, maxWaitMs: MAX_WAIT_MS });
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
