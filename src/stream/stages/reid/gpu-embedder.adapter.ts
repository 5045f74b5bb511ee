import { toGpuError } from '../../backend/gpu/gpu-error.js';
import type { GpuModels } from '../../backend/gpu/gpu-models.adapter.js';
import type { EmbedderEntry } from '../../models/manifest.js';
import type { ModelFile } from '../../models/model-file.js';
import type { ModelStore } from '../../models/model-store.adapter.js';
import type { NativeAddon } from '../../native/types.js';
import { CropEmbedder, type EmbeddingPort } from './crop-embedder.js';
import { alignmentOf, answerRequests, DEFAULT_EMBEDDER, type FrameEmbedder } from './embedder.js';

/** What an embedder on the GPU works with. */
export interface GpuEmbedderDeps {
  /** Runs networks on the GPU and keeps frames alive meanwhile. */
  readonly addon: Pick<NativeAddon, 'retain' | 'release' | 'embedOnGpu' | 'gpuLostReason'>;
  /** Opens networks on the GPU. */
  readonly models: Pick<GpuModels, 'open'>;
  /** Finds the model's file, or fetches it. */
  readonly store: Pick<ModelStore, 'resolveEmbedder'>;
  /** Path of the file that runs on the GPU in place of the model's, e.g. one in half precision. */
  readonly pathFor: (file: ModelFile<EmbedderEntry>) => Promise<string>;
  /** Stops the fetching of the model. */
  readonly signal?: AbortSignal;
}

/**
 * Opens an embedder on the GPU: alignment, sharpness and network run there, the rules of what is good enough
 * here, as on the CPU. Takes frames in GPU memory.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the model cannot be loaded, `DIPTYCH_E_GPU` where
 * the GPU cannot run it, `DIPTYCH_E_GPU_LOST`; `embed` rejects with the same codes.
 */
export async function createGpuEmbedder(
  { model = DEFAULT_EMBEDDER }: { readonly model?: string },
  deps: GpuEmbedderDeps,
): Promise<FrameEmbedder> {
  const file = await deps.store.resolveEmbedder(model, deps.signal);
  const { entry } = file;
  const { addon, models } = deps;
  const { channels, order, mean, scale, pad, name, size } = entry.input;
  const network = await models.open({
    path: await deps.pathFor(file),
    inputName: name ?? '',
    outputNames: entry.outputs ?? [],
    input: { ...size, channels, order, mean, scale, pad },
    embeddingLength: entry.length,
  });
  const embedder = new CropEmbedder({ inputSize: size, alignment: alignmentOf(entry) });
  return {
    model: entry.name,
    metric: entry.metric,
    embed: async (requests, { handle, width, height, detections }) => {
      const port: EmbeddingPort = {
        embed: async (matrices, minSharpness) => {
          const { embeddings, sharpness } = await addon.embedOnGpu(
            network.id,
            handle,
            Float64Array.from(matrices.flat()),
          );
          return matrices.map((_, i) =>
            minSharpness === 0 || sharpness[i]! >= minSharpness
              ? embeddings.slice(i * entry.length, (i + 1) * entry.length)
              : undefined,
          );
        },
      };
      addon.retain(handle);
      try {
        return await answerRequests(requests, detections, (crops) => embedder.embed(port, { width, height }, crops));
      } catch (error) {
        throw toGpuError(error, 'embedding', addon.gpuLostReason());
      } finally {
        addon.release(handle);
      }
    },
    close: () => network.close(),
  };
}
