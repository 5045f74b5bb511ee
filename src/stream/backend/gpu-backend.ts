import type { FrameResidency } from '../../shared/domain/stream-status.js';
import type { ModelFile } from '../models/model-file.js';
import type { NativeAddon, NativeFrame } from '../native/types.js';
import { NativePainter, type Artwork } from '../stages/compose/native-painter.adapter.js';
import { createGpuDetector } from '../stages/detect/gpu-detector.adapter.js';
import { createGpuEmbedder } from '../stages/reid/gpu-embedder.adapter.js';
import { releaseArtwork, uploadArtwork } from './artwork.js';
import { toGpuError } from './gpu/gpu-error.js';
import type { Gpu } from './gpu/gpu.adapter.js';
import type { GpuModels } from './gpu/gpu-models.adapter.js';
import { modelForGpu } from './gpu/model-precision.adapter.js';
import { openBoth } from './open-both.js';
import { openEmbedder } from './open-embedder.js';
import type { Analyzer, AnalyzerOptions, VisionBackend, VisionBackendOptions } from './vision-backend.js';

/**
 * Detects and embeds on a GPU.
 *
 * @param reason - why this one, for the status
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL`, `DIPTYCH_E_GPU`, `DIPTYCH_E_GPU_LOST`.
 */
export async function openGpuAnalyzer(
  { config, addon, store, logger, signal }: AnalyzerOptions,
  gpu: Gpu,
  reason: string,
): Promise<Analyzer> {
  const { models, precision, batchForms } = gpu;
  const used = new Set<string>();
  const pathFor = async (file: ModelFile): Promise<string> => {
    const form = await modelForGpu(file, precision, store, batchForms && (() => batchForms.pathOf(file, logger)));
    used.add(form.precision);
    return form.path;
  };
  const opener: Pick<GpuModels, 'open'> = { open: (request) => models.open(request, logger) };
  const deps = { addon, store, models: opener, pathFor, signal };
  const [detector, embedder] = await openBoth(
    createGpuDetector(config.detect, deps),
    openEmbedder(config.reid, { addon, store, logger, signal }, (wanted) => createGpuEmbedder(wanted, deps)),
  );
  const networks = `${[...used].join(' and ')}, ${models.provider} provider`;
  const residency = (stage: FrameResidency['stage'], what: string): FrameResidency => ({
    stage,
    memory: 'cuda',
    reason: `${what} on the GPU (${networks})`,
  });
  return {
    memory: 'cuda',
    gpu: { state: 'used', name: gpu.info.name, ...(gpu.index !== undefined && { index: gpu.index }), reason },
    gpuDevice: gpu,
    detector,
    ...(embedder && { embedder }),
    residencies: [
      residency('detect', 'letterbox, network and candidates'),
      ...(embedder ? [residency('reid', 'alignment, sharpness and network')] : []),
    ],
    toBackendMemory: (frame) => (frame.memory === 'cuda' ? undefined : upload(frame, addon)),
    close: async () => {
      await Promise.all([detector.close(), embedder?.close()]);
    },
  };
}

/**
 * Detects, embeds and paints on a GPU.
 *
 * @param reason - why this one, for the status
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL`, `DIPTYCH_E_GPU`, `DIPTYCH_E_GPU_LOST`.
 */
export async function openGpuBackend(options: VisionBackendOptions, gpu: Gpu, reason: string): Promise<VisionBackend> {
  return addGpuPainter(await openGpuAnalyzer(options, gpu, reason), options, gpu);
}

/**
 * Lets what detects and embeds on a GPU paint there as well; where that fails, it is closed.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_GPU`, `DIPTYCH_E_GPU_LOST`.
 */
export async function addGpuPainter(
  analyzer: Analyzer,
  options: VisionBackendOptions,
  gpu: Gpu,
): Promise<VisionBackend> {
  const { addon } = options;
  const artwork = await uploadArtwork(options.artwork, addon).catch(async (error: unknown) => {
    await analyzer.close();
    throw error;
  });
  return {
    ...analyzer,
    painter: gpuPainter(options, gpu, artwork),
    artwork,
    residencies: [...analyzer.residencies, { stage: 'compose', memory: 'cuda', reason: 'painted by the GPU' }],
    close: async () => {
      releaseArtwork(artwork, addon);
      await analyzer.close();
    },
  };
}

function gpuPainter(
  { config, addon, pictureMemory = () => 'system' }: VisionBackendOptions,
  gpu: Gpu,
  artwork: Artwork,
): NativePainter {
  return new NativePainter({
    addon,
    compose: async (output, regions) => {
      const picture = await addon.composeOnGpu(output, regions, pictureMemory()).catch((error: unknown) => {
        throw toGpuError(error, 'composing', addon.gpuLostReason());
      });
      gpu.composed.add();
      return picture;
    },
    output: config.output,
    artwork,
  });
}

async function upload(frame: NativeFrame, addon: NativeAddon): Promise<NativeFrame> {
  try {
    const handle = await addon.uploadFrame(frame.handle, 'frame');
    addon.release(frame.handle);
    return { ...frame, handle, memory: 'cuda' };
  } catch (error) {
    const failure = toGpuError(error, 'uploading a frame', addon.gpuLostReason());
    // The CPU can still read it.
    if (failure.code === 'DIPTYCH_E_GPU_LOST') return frame;
    addon.release(frame.handle);
    throw failure;
  }
}
