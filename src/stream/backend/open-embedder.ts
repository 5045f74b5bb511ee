import type { ReidConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { ModelStore } from '../models/model-store.adapter.js';
import type { NativeAddon } from '../native/types.js';
import { createCpuEmbedder } from '../stages/reid/cpu-embedder.adapter.js';
import type { FrameEmbedder } from '../stages/reid/embedder.js';

/** What an embedder is opened with. */
export interface EmbedderDeps {
  /** Of this process. */
  readonly addon: NativeAddon;
  /** Where the network is found. */
  readonly store: ModelStore;
  /** Told why identities are not checked. */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Aborted: a download or conversion under way ends. */
  readonly signal: AbortSignal;
}

/**
 * Opens the embedder that the configuration asks for; none where it is off, or where its model is not
 * there and cannot be fetched: the stream then goes on with ByteTrack alone, and the log says why.
 *
 * @param create - @defaultValue one on the CPU
 * @throws {@link DiptychError} `DIPTYCH_E_GPU`, `DIPTYCH_E_GPU_LOST` where `create` uses the GPU.
 */
export async function openEmbedder(
  config: ReidConfig,
  deps: EmbedderDeps,
  create: (config: Pick<ReidConfig, 'model'>) => Promise<FrameEmbedder> = (wanted) => createCpuEmbedder(wanted, deps),
): Promise<FrameEmbedder | undefined> {
  if (config.mode === 'off') return undefined;
  try {
    return await create({ model: config.model });
  } catch (error) {
    // What the GPU cannot do, the CPU may: the caller decides.
    if (!(error instanceof DiptychError) || isGpuFailure(error)) throw error;
    deps.logger.warn({ reason: `${error.code}: ${error.message}` }, 'people are not told apart by their faces');
    return undefined;
  }
}

const isGpuFailure = ({ code }: DiptychError): boolean => code === 'DIPTYCH_E_GPU' || code === 'DIPTYCH_E_GPU_LOST';
