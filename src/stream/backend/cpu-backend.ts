import type { FrameResidency } from '../../shared/domain/stream-status.js';
import { NativePainter } from '../stages/compose/native-painter.adapter.js';
import type { Painter } from '../stages/compose/paint.operator.js';
import { createCpuDetector } from '../stages/detect/cpu-detector.adapter.js';
import { openEmbedder } from './open-embedder.js';
import { openBoth } from './open-both.js';
import type { Analyzer, AnalyzerOptions, VisionBackend, VisionBackendOptions } from './vision-backend.js';

/**
 * Detects and embeds on the CPU.
 *
 * @param reason - why the GPU is not used
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where there is no detector.
 */
export async function openCpuAnalyzer(
  { config, addon, store, logger, isThrifty, signal }: AnalyzerOptions,
  reason: string,
): Promise<Analyzer> {
  const [detector, embedder] = await openBoth(
    createCpuDetector(config.detect, { addon, store, isThrifty, signal }),
    openEmbedder(config.reid, { addon, store, logger, signal }),
  );
  return {
    memory: 'system',
    gpu: { state: 'off', reason },
    detector,
    ...(embedder && { embedder }),
    residencies: [residency('detect', reason), ...(embedder ? [residency('reid', reason)] : [])],
    toBackendMemory: () => undefined,
    close: async () => {
      await Promise.all([detector.close(), embedder?.close()]);
    },
  };
}

/**
 * Detects, embeds and paints on the CPU.
 *
 * @param reason - why the GPU is not used
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where there is no detector.
 */
export async function openCpuBackend(options: VisionBackendOptions, reason: string): Promise<VisionBackend> {
  return addCpuPainter(await openCpuAnalyzer(options, reason), options);
}

/** Lets what detects and embeds on the CPU paint there as well. */
export const addCpuPainter = (analyzer: Analyzer, options: VisionBackendOptions): VisionBackend => ({
  ...analyzer,
  painter: cpuPainter(options),
  artwork: options.artwork,
  residencies: [...analyzer.residencies, residency('compose', analyzer.gpu.reason)],
});

/** Paints in system memory, on the addon's compose threads. */
export const cpuPainter = ({
  config,
  artwork,
  addon,
}: Pick<VisionBackendOptions, 'config' | 'artwork' | 'addon'>): Painter =>
  new NativePainter({
    addon,
    compose: (output, regions) => addon.compose(output, regions),
    output: config.output,
    artwork,
  });

const residency = (stage: FrameResidency['stage'], reason: string): FrameResidency => ({
  stage,
  memory: 'system',
  reason: `on the CPU: ${reason}`,
});
