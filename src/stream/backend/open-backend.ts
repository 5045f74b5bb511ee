import { addCpuPainter, openCpuAnalyzer, openCpuBackend } from './cpu-backend.js';
import { addGpuPainter, openGpuAnalyzer, openGpuBackend } from './gpu-backend.js';
import { toGpuError } from './gpu/gpu-error.js';
import { chooseGpu, requiredButMissing, type Gpu } from './gpu/gpu.adapter.js';
import type { Analyzer, AnalyzerOptions, VisionBackend, VisionBackendOptions } from './vision-backend.js';

/**
 * Opens the backend on the GPU where the configuration allows it and everything it needs is there,
 * else on the CPU; its `gpu.reason` says why.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where there is no detector, `DIPTYCH_E_GPU` where
 * `gpu.use` is `require` and the GPU can't be used.
 */
export const openVisionBackend = (options: VisionBackendOptions): Promise<VisionBackend> =>
  selectBackend(
    options,
    (gpu, reason) => openGpuBackend(options, gpu, reason),
    (reason) => openCpuBackend(options, reason),
  );

/**
 * The same without a painter, for those who want to know the people only.
 * @throws {@link DiptychError} as `openVisionBackend`.
 */
export const openAnalyzer = (options: AnalyzerOptions): Promise<Analyzer> =>
  selectBackend(
    options,
    (gpu, reason) => openGpuAnalyzer(options, gpu, reason),
    (reason) => openCpuAnalyzer(options, reason),
  );

/**
 * The backend around what was opened before by `openAnalyzer`, such as by a process that waited for a
 * stream.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_GPU`, `DIPTYCH_E_GPU_LOST`; `analyzer` is closed then
 */
export const openPainter = async (analyzer: Analyzer, options: VisionBackendOptions): Promise<VisionBackend> =>
  analyzer.gpuDevice
    ? addGpuPainter(analyzer, options, analyzer.gpuDevice)
    : Promise.resolve(addCpuPainter(analyzer, options));

async function selectBackend<T>(
  { gpu: config, addon, signal }: AnalyzerOptions,
  onGpu: (gpu: Gpu, reason: string) => Promise<T>,
  onCpu: (reason: string) => Promise<T>,
): Promise<T> {
  const { gpu, reason } = await chooseGpu(config, addon);
  if (!gpu) return onCpu(reason);
  try {
    return await onGpu(gpu, reason);
  } catch (error) {
    const failure = toGpuError(error, 'opening', addon.gpuLostReason());
    if (signal.aborted) throw failure;
    if (config.use === 'require') throw requiredButMissing(failure);
    return onCpu(failure.message);
  }
}
