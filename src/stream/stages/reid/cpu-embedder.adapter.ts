import { InferenceThread } from '../../inference/inference-thread.adapter.js';
import type { EmbedderEntry } from '../../models/manifest.js';
import type { ModelFile } from '../../models/model-file.js';
import type { ModelStore } from '../../models/model-store.adapter.js';
import type { NativeAddon } from '../../native/types.js';
import type { CropAnswer } from './crop-embedder.js';
import { alignmentOf, answerRequests, DEFAULT_EMBEDDER, type FrameEmbedder } from './embedder.js';
import type { EmbedRequest, EmbedderSetup } from './embedder-messages.js';

/** Which embedder runs on the CPU. */
export interface EmbedderConfig {
  /** Name in models/manifest.json, or `name=path`. @defaultValue 'dlib-face-descriptor' */
  readonly model?: string;
  /** Threads of one inference. @defaultValue 1 */
  readonly threads?: number;
}

/** What an embedder on the CPU works with. */
export interface EmbedderDeps {
  /** Keeps frames alive while the thread reads them. */
  readonly addon: Pick<NativeAddon, 'retain' | 'release'>;
  /** Finds the model's file, or fetches it. */
  readonly store: Pick<ModelStore, 'resolveEmbedder'>;
  /** Stops the fetching of the model. */
  readonly signal?: AbortSignal;
}

/**
 * Starts the embedder thread for the model that the configuration asks for; the network has run
 * once when this resolves.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the model cannot be loaded or is not as the
 * manifest says; `DIPTYCH_E_NATIVE` where the addon cannot be loaded.
 */
export async function createCpuEmbedder(config: EmbedderConfig, deps: EmbedderDeps): Promise<FrameEmbedder> {
  const file = await deps.store.resolveEmbedder(config.model ?? DEFAULT_EMBEDDER, deps.signal);
  const { entry } = file;
  const thread = await InferenceThread.start<EmbedderSetup, EmbedRequest, readonly CropAnswer[]>({
    role: 'embedder',
    file: 'stream/stages/reid/embedder-worker.adapter.js',
    setup: setupFor(file, config.threads ?? 1),
    model: entry.name,
    addon: deps.addon,
  });
  return {
    model: entry.name,
    metric: entry.metric,
    embed: (requests, { handle, width, height, detections }) =>
      answerRequests(requests, detections, (crops) =>
        thread.ask(handle, { handle, picture: { width, height }, crops }),
      ),
    close: () => thread.close(),
  };
}

function setupFor({ entry, path }: ModelFile<EmbedderEntry>, threads: number): EmbedderSetup {
  const { channels, order, mean, scale, pad, name, size } = entry.input;
  return {
    path,
    threads,
    inputName: name,
    outputNames: entry.outputs,
    pixels: { channels, order, mean, scale, pad },
    inputSize: size,
    length: entry.length,
    alignment: alignmentOf(entry),
  };
}
