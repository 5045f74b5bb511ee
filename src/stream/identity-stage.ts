import type { OperatorFunction } from 'rxjs';
import type { ReidConfig } from '../shared/config/schema.js';
import type { Embedder } from './domain/embedding.js';
import type { Frame } from '../shared/domain/frame.js';
import type { FrameEmbedder } from './stages/reid/embedder.js';
import type { IdentityEvent } from './stages/reid/identity-events.js';
import type { IdentityCounts } from './stages/reid/identity-options.js';
import { identify, identifyEvery } from './stages/reid/reid.operator.js';
import type { TrackedPicture } from './pipeline.js';

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
