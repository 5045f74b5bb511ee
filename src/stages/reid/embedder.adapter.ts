import type { DetectionSet } from '#domain/detection.js';
import type { Embedder, EmbeddingRequest, EmbeddingResult } from '#domain/embedding.js';
import type { Frame } from '#domain/frame.js';
import { InferenceThread } from '#inference/inference-thread.adapter.js';
import type { EmbedderEntry } from '#inference/manifest.js';
import type { ModelFile, ModelStore } from '#inference/model-store.adapter.js';
import type { NativeAddon } from '#native/types.js';
import type { CropAnswer } from './crop-embedder.js';
import type { EmbedderQuestion, EmbedderSetup } from './embedder-messages.js';
import type { Crop, CropFlaw } from './face-quality.js';

export interface EmbedderConfig {
  /** Name in models/manifest.json, or `name=path`. @defaultValue 'dlib-face-descriptor' */
  readonly model?: string;
  /** Threads of one inference. @defaultValue 1 */
  readonly threads?: number;
}

export interface EmbedderDeps {
  readonly addon: Pick<NativeAddon, 'retain' | 'release'>;
  readonly store: Pick<ModelStore, 'resolveEmbedder'>;
  /** Stops fetching the model. */
  readonly signal?: AbortSignal;
}

/** A frame, alive, with what was found in this very frame. */
export interface DetectedPicture extends Pick<Frame, 'handle' | 'width' | 'height'> {
  readonly detections?: DetectionSet;
}

/** An answer that says why, where there is no embedding. */
export interface CropEmbeddingResult extends EmbeddingResult {
  readonly flaw?: CropFlaw;
}

/** Embeds detections of frames, those asked for together in one batch. */
export interface FrameEmbedder extends Embedder<DetectedPicture> {
  /** Name in models/manifest.json. */
  readonly model: string;
  /**
   * One answer for each request, in their order; without an embedding where the crop is not good
   * enough. The frame need not outlive the call: it is retained until it was read.
   */
  embed(requests: readonly EmbeddingRequest[], picture: DetectedPicture): Promise<readonly CropEmbeddingResult[]>;
  /** Answers what was asked before, then ends; idempotent. */
  close(): Promise<void>;
}

const DEFAULT_MODEL = 'dlib-face-descriptor';

/**
 * Starts the embedder thread for the model that the configuration asks for; the network has run
 * once when this resolves.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the model can't be had or is not as the
 * manifest says; `DIPTYCH_E_NATIVE` where the addon can't be loaded.
 */
export async function createEmbedder(config: EmbedderConfig, deps: EmbedderDeps): Promise<FrameEmbedder> {
  const file = await deps.store.resolveEmbedder(config.model ?? DEFAULT_MODEL, deps.signal);
  const { entry } = file;
  const thread = await InferenceThread.start<EmbedderSetup, EmbedderQuestion, readonly CropAnswer[]>({
    role: 'embedder',
    file: 'stages/reid/embedder-worker.adapter.js',
    setup: setupFor(file, config.threads ?? 1),
    model: entry.name,
    addon: deps.addon,
  });
  return {
    model: entry.name,
    metric: entry.metric,
    embed: async (requests, { handle, width, height, detections }) => {
      const crops = requests.map(({ detectionIndex }) => cropOf(detectionIndex, detections));
      const asked = crops.filter((crop) => crop !== undefined);
      const answers =
        asked.length === 0 ? [] : await thread.ask(handle, { handle, picture: { width, height }, crops: asked });
      let next = 0;
      return requests.map((request, i) => {
        const answer = crops[i] && answers[next++];
        return { ...request, embedding: undefined, ...answer };
      });
    },
    close: () => thread.close(),
  };
}

/** One detection among the others; `undefined` where there is none of this index. */
function cropOf(
  index: number,
  { detections }: Pick<DetectionSet, 'detections'> = { detections: [] },
): Crop | undefined {
  const detection = detections[index];
  if (detection === undefined) return undefined;
  const { box, landmarks } = detection;
  const others = detections.filter((_, i) => i !== index).map((other) => other.box);
  return { box, others, ...(landmarks === undefined ? {} : { landmarks }) };
}

function setupFor({ entry, path }: ModelFile<EmbedderEntry>, threads: number): EmbedderSetup {
  const { channels, order, mean, scale, pad, name, size } = entry.input;
  const { alignment } = entry;
  return {
    path,
    threads,
    inputName: name,
    outputNames: entry.outputs,
    pixels: { channels, order, mean, scale, pad },
    inputSize: size,
    length: entry.length,
    alignment:
      alignment.type === 'box'
        ? alignment
        : { type: 'landmarks', points: alignment.points.map(([x, y]) => ({ x, y })) },
  };
}
