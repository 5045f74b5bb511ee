import type { OperatorFunction } from 'rxjs';
import type { ReidConfig } from '../shared/config/schema.js';
import type { Embedder } from './domain/embedding.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { Frame } from '../shared/domain/frame.js';
import type { ModelStore } from './models/model-store.adapter.js';
import type { NativeAddon } from './native/types.js';
import { createEmbedder } from './stages/reid/embedder.adapter.js';
import type { FrameEmbedder } from './stages/reid/embedder.js';
import type { IdentityEvent } from './stages/reid/identity-events.js';
import type { IdentityCounts } from './stages/reid/identity-options.js';
import { identify, identifyEvery } from './stages/reid/reid.operator.js';
import type { Logger } from '../shared/telemetry/logger.js';
import type { TrackedPicture } from './pipeline.js';

export interface IdentityDeps {
  readonly addon: NativeAddon;
  readonly store: ModelStore;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly signal: AbortSignal;
}

/**
 * The embedder that the configuration asks for; none where it is off, or where its model can't be
 * had: the stream then goes on with ByteTrack alone, and the log says why.
 *
 * @param create - @defaultValue one on the CPU
 */
export async function openEmbedder(
  config: ReidConfig,
  deps: IdentityDeps,
  create: (config: Pick<ReidConfig, 'model'>) => Promise<FrameEmbedder> = (wanted) => createEmbedder(wanted, deps),
): Promise<FrameEmbedder | undefined> {
  if (config.mode === 'off') return undefined;
  try {
    return await create({ model: config.model });
  } catch (error) {
    // What the card can't do, the CPU may.
    if (!(error instanceof DiptychError) || isGpuFailure(error)) throw error;
    deps.logger.warn({ reason: `${error.code}: ${error.message}` }, 'people are not told apart by their faces');
    return undefined;
  }
}

const isGpuFailure = ({ code }: DiptychError): boolean => code === 'DIPTYCH_E_GPU' || code === 'DIPTYCH_E_GPU_LOST';

export interface IdentityChainOptions {
  readonly config: ReidConfig;
  /** `later`: answers count when they come · `awaited`: every frame waits for its answers. */
  readonly answers: 'later' | 'awaited';
  readonly onIdentities: (events: readonly IdentityEvent[], counts: IdentityCounts) => void;
  readonly onError?: (error: unknown) => void;
}

/** The identity stage of the chain, looking at the picture that the detections were found in. */
export function identityStage<F extends Frame>(
  embedder: FrameEmbedder,
  { config, answers, onIdentities, onError }: IdentityChainOptions,
): OperatorFunction<TrackedPicture<F>, TrackedPicture<F>> {
  const pictureEmbedder: Embedder<TrackedPicture<F>> = {
    metric: embedder.metric,
    embed: (requests, { detections, detectedIn }) =>
      detections && detectedIn
        ? embedder.embed(requests, { ...detectedIn, detections })
        : requests.map((request) => ({ ...request, embedding: undefined })),
  };
  const options = {
    embedder: pictureEmbedder,
    mode: config.mode,
    riskThreshold: config.riskThreshold,
    onIdentities,
    ...(onError && { onError }),
  };
  return answers === 'awaited' ? identifyEvery(options) : identify(options);
}
