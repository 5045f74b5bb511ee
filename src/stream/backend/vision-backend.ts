import type { GpuConfig, StreamConfig } from '../../shared/config/schema.js';
import type { FrameMemory } from '../../shared/domain/frame.js';
import type { GpuState, FrameResidency } from '../../shared/domain/stream-status.js';
import { chooseGpu, requiredButMissing, type Gpu } from './gpu/gpu.adapter.js';
import { toGpuError } from './gpu/gpu-error.js';
import { modelForCard } from './gpu/model-precision.adapter.js';
import type { ModelFile, ModelStore } from '../models/model-store.adapter.js';
import type { NativeAddon, NativeFrame } from '../native/types.js';
import { NativePainter, type Artwork } from '../stages/compose/native-painter.adapter.js';
import type { Painter } from '../stages/compose/paint.operator.js';
import { createDetector } from '../stages/detect/detector.adapter.js';
import type { Detector } from '../stages/detect/detector.js';
import { createGpuDetector } from '../stages/detect/gpu-detector.adapter.js';
import type { FrameEmbedder } from '../stages/reid/embedder.js';
import { createGpuEmbedder } from '../stages/reid/gpu-embedder.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { releaseArtwork, uploadArtwork } from './artwork.js';
import { openEmbedder } from './open-embedder.js';

/** What frames are looked at with: all of it on the GPU, or all of it on the CPU. */
export interface Analyzer {
  /** Where it works, and where decoders are to leave their pictures. */
  readonly memory: FrameMemory;
  readonly gpu: { readonly state: Exclude<GpuState, 'lost'>; readonly name?: string; readonly reason: string };
  /** The card; absent on the CPU. */
  readonly card?: Gpu;
  readonly detector: Detector;
  /** Absent where faces are not looked at. */
  readonly embedder?: FrameEmbedder;
  /** Where detecting and embedding, and composing where there is a painter, have their frames. */
  readonly residencies: readonly FrameResidency[];
  /**
   * Takes a frame over and gives it where this works; `undefined` where it is there already. One that
   * a lost card could not take comes back as it was.
   */
  toBackendMemory(frame: NativeFrame): Promise<NativeFrame> | undefined;
  close(): Promise<void>;
}

/** What a stream looks at frames and paints them with. */
export interface VisionBackend extends Analyzer {
  readonly painter: Painter;
}

export interface AnalyzerOptions {
  readonly config: Pick<StreamConfig, 'detect' | 'reid'>;
  readonly gpu: GpuConfig;
  readonly addon: NativeAddon;
  readonly store: ModelStore;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly signal: AbortSignal;
}

export interface VisionBackendOptions extends AnalyzerOptions {
  readonly config: Pick<StreamConfig, 'detect' | 'reid' | 'output'>;
  /** In system memory. */
  readonly artwork: Artwork;
  /** Where whoever takes the composed pictures wants the next one. @defaultValue `system` */
  readonly pictureMemory?: () => FrameMemory;
}

/**
 * The backend on the GPU where the configuration allows it and everything it needs is there, else on
 * the CPU, which then says why.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where there is no detector, `DIPTYCH_E_GPU` where
 * `gpu.use` is `require` and the GPU can't be used.
 */
export const openVisionBackend = (options: VisionBackendOptions): Promise<VisionBackend> =>
  selectBackend(
    options,
    (card, reason) => openGpuBackend(options, card, reason),
    (reason) => openCpuBackend(options, reason),
  );

/** The same without a painter. */
export const openAnalyzer = (options: AnalyzerOptions): Promise<Analyzer> =>
  selectBackend(
    options,
    (card, reason) => openGpuAnalyzer(options, card, reason),
    (reason) => openCpuAnalyzer(options, reason),
  );

/** @param reason - why not on the GPU */
export async function openCpuBackend(options: VisionBackendOptions, reason: string): Promise<VisionBackend> {
  const analyzer = await openCpuAnalyzer(options, reason);
  return {
    ...analyzer,
    painter: cpuPainter(options),
    residencies: [...analyzer.residencies, { stage: 'compose', memory: 'system', reason: `on the CPU: ${reason}` }],
  };
}

/** Needs nothing but the addon, so it is there when a card is lost. */
export const cpuPainter = ({
  addon,
  config,
  artwork,
}: Pick<VisionBackendOptions, 'addon' | 'config' | 'artwork'>): Painter =>
  new NativePainter({
    addon,
    compose: (output, regions) => addon.compose(output, regions),
    output: config.output,
    artwork,
  });

async function selectBackend<T>(
  { gpu, addon, signal }: AnalyzerOptions,
  onGpu: (card: Gpu, reason: string) => Promise<T>,
  onCpu: (reason: string) => Promise<T>,
): Promise<T> {
  const { gpu: card, reason } = await chooseGpu(gpu, addon);
  if (!card) return onCpu(reason);
  try {
    return await onGpu(card, reason);
  } catch (error) {
    const failure = toGpuError(error, 'opening', addon.gpuLostReason());
    if (signal.aborted) throw failure;
    if (gpu.use === 'require') throw requiredButMissing(failure);
    return onCpu(failure.message);
  }
}

async function openCpuAnalyzer(
  { config, addon, store, logger, signal }: AnalyzerOptions,
  reason: string,
): Promise<Analyzer> {
  const [detector, embedder] = await openBoth(
    createDetector(config.detect, { addon, store, signal }),
    openEmbedder(config.reid, { addon, store, logger, signal }),
  );
  const residency = (stage: FrameResidency['stage']): FrameResidency => ({
    stage,
    memory: 'system',
    reason: `on the CPU: ${reason}`,
  });
  return {
    memory: 'system',
    gpu: { state: 'off', reason },
    detector,
    ...(embedder && { embedder }),
    residencies: [residency('detect'), ...(embedder ? [residency('reid')] : [])],
    toBackendMemory: () => undefined,
    close: async () => {
      await Promise.all([detector.close(), embedder?.close()]);
    },
  };
}

async function openGpuAnalyzer(
  { config, addon, store, logger, signal }: AnalyzerOptions,
  card: Gpu,
  reason: string,
): Promise<Analyzer> {
  const { models, precision } = card;
  const used = new Set<string>();
  const pathFor = async (file: ModelFile): Promise<string> => {
    const form = await modelForCard(file, precision, store);
    used.add(form.precision);
    return form.path;
  };
  const deps = { addon, store, models, pathFor, signal };
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
    gpu: { state: 'used', name: card.info.name, reason },
    card,
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

async function openGpuBackend(options: VisionBackendOptions, card: Gpu, reason: string): Promise<VisionBackend> {
  const { config, addon, pictureMemory = () => 'system' as const } = options;
  const analyzer = await openGpuAnalyzer(options, card, reason);
  const artwork = await uploadArtwork(options.artwork, addon).catch(async (error: unknown) => {
    await analyzer.close();
    throw error;
  });
  const painter = new NativePainter({
    addon,
    compose: async (output, regions) => {
      const picture = await addon.composeOnGpu(output, regions, pictureMemory()).catch((error: unknown) => {
        throw toGpuError(error, 'composing', addon.gpuLostReason());
      });
      card.composed.frames += 1;
      return picture;
    },
    output: config.output,
    artwork,
  });
  return {
    ...analyzer,
    painter,
    residencies: [...analyzer.residencies, { stage: 'compose', memory: 'cuda', reason: 'painted by the GPU' }],
    close: async () => {
      releaseArtwork(artwork, addon);
      await analyzer.close();
    },
  };
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

/** Opens both or neither. */
async function openBoth(
  detector: Promise<Detector>,
  embedder: Promise<FrameEmbedder | undefined>,
): Promise<readonly [Detector, FrameEmbedder | undefined]> {
  try {
    return await Promise.all([detector, embedder]);
  } catch (error) {
    const give = (part: Promise<{ close(): Promise<void> } | undefined>): Promise<unknown> =>
      part.then(
        (opened) => opened?.close(),
        () => undefined,
      );
    await Promise.all([give(detector), give(embedder)]);
    throw error;
  }
}
