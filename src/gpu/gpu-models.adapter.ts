import type { GpuModel, GpuModelOptions, NativeAddon } from '#native/types.js';
import { toGpuError } from './gpu-error.js';

/** What all networks of a card have in common. */
export type GpuModelCommon = Pick<GpuModelOptions, 'library' | 'provider' | 'cache' | 'maxBatch'>;

/** What tells one network from another. */
export type GpuModelQuestion = Omit<GpuModelOptions, keyof GpuModelCommon | 'maxWaitMs'>;

/** A network that one stream has the use of. */
export interface SharedGpuModel extends GpuModel {
  /** Idempotent; the network is freed when nobody has the use of it. */
  close(): Promise<void>;
}

/** Frames of other streams are waited for this long, ms, to go through a network together. */
const MAX_WAIT_MS = 2;

interface Entry {
  readonly model: Promise<GpuModel>;
  users: number;
}

/** The networks of a process on its card: streams that ask for the same one share it, and its batches. */
export class GpuModels {
  readonly #addon: NativeAddon;
  readonly #common: GpuModelCommon;
  readonly #entries = new Map<string, Entry>();

  constructor(addon: NativeAddon, common: GpuModelCommon) {
    this.#addon = addon;
    this.#common = common;
  }

  /** @throws {@link DiptychError} `DIPTYCH_E_GPU`, `DIPTYCH_E_GPU_LOST`, `DIPTYCH_E_MODEL`. */
  async open(question: GpuModelQuestion): Promise<SharedGpuModel> {
    const { path, input, outputNames, decode } = question;
    const key = JSON.stringify([path, input, outputNames, decode?.type]);
    const entry: Entry = this.#entries.get(key) ?? {
      model: this.#addon.openGpuModel({ ...this.#common, ...question, maxWaitMs: MAX_WAIT_MS }),
      users: 0,
    };
    this.#entries.set(key, entry);
    entry.users += 1;
    try {
      const model = await entry.model;
      let closing: Promise<void> | undefined;
      return { ...model, close: () => (closing ??= this.#leave(key, entry)) };
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw toGpuError(error, `opening ${path}`, this.#addon.gpuLostReason());
    }
  }

  async #leave(key: string, entry: Entry): Promise<void> {
    entry.users -= 1;
    if (entry.users > 0) return;
    this.#entries.delete(key);
    await this.#addon.closeGpuModel((await entry.model).id).catch((error: unknown) => {
      // A card that is lost has nothing left to be freed.
      if (this.#addon.gpuLostReason() === undefined) throw toGpuError(error, 'closing a network');
    });
  }
}
