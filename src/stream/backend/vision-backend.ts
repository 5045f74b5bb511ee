import type { StreamConfig } from '../../shared/config/schema.js';
import type { FrameMemory } from '../../shared/domain/frame.js';
import type { FrameResidency, GpuState, GpuStatus } from '../../shared/domain/stream-status.js';
import type { ProcessGpu } from '../../shared/ipc/messages.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { ModelStore } from '../models/model-store.adapter.js';
import type { NativeAddon, NativeFrame } from '../native/types.js';
import type { Artwork } from '../stages/compose/native-painter.adapter.js';
import type { Painter } from '../stages/compose/paint.operator.js';
import type { Detector } from '../stages/detect/detector.js';
import type { FrameEmbedder } from '../stages/reid/embedder.js';
import type { Gpu } from './gpu/gpu.adapter.js';

/** Detects and embeds: all of it on the GPU, or all of it on the CPU. */
export interface Analyzer {
  /** Where it works, and where decoders are to leave their pictures. */
  readonly memory: FrameMemory;
  /** Whether the GPU is used, and why, for the log and the status. */
  readonly gpu: Pick<GpuStatus, 'name' | 'index' | 'reason'> & { readonly state: Exclude<GpuState, 'lost'> };
  /** The GPU that is used; absent on the CPU. */
  readonly gpuDevice?: Gpu;
  /** Detects people in frames. */
  readonly detector: Detector;
  /** Makes embeddings of faces; absent where identities are not checked. */
  readonly embedder?: FrameEmbedder | undefined;
  /** Where detecting and embedding, and composing where there is a painter, have their frames. */
  readonly residencies: readonly FrameResidency[];
  /**
   * Takes a frame over and gives it where this works; `undefined` where it is there already. One that
   * a lost GPU could not take comes back as it was.
   * @throws {@link DiptychError} `DIPTYCH_E_GPU`; the frame is released then.
   */
  toBackendMemory(frame: NativeFrame): Promise<NativeFrame> | undefined;
  /** Answers what was asked before, then frees the networks. */
  close(): Promise<void>;
}

/** Detects, embeds and paints. */
export interface VisionBackend extends Analyzer {
  /** Paints plans to pictures of the output. */
  readonly painter: Painter;
  /** What is painted beside the source; the planner must know its sizes. */
  readonly artwork: Pick<Artwork, 'plates' | 'slateSize'>;
}

/** What an {@link Analyzer} is opened with. */
export interface AnalyzerOptions {
  /** Which networks, and how they are used. */
  readonly config: Pick<StreamConfig, 'detect' | 'reid'>;
  /** Whether the GPU may, must or must not be used, and which one. */
  readonly gpu: ProcessGpu;
  /** Of this process. */
  readonly addon: NativeAddon;
  /** Where the networks are found. */
  readonly store: ModelStore;
  /** Told why something is not used. */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /**
   * Whether detection on the CPU takes less time where that moves boxes by a pixel or two, for live streams. Files are
   * found the same on CPU and GPU without. @defaultValue false
   */
  readonly isThrifty?: boolean;
  /** Aborted: a download or conversion under way ends, and opening rejects. */
  readonly signal: AbortSignal;
}

/** What a {@link VisionBackend} is opened with. */
export interface VisionBackendOptions extends AnalyzerOptions {
  /** Which networks, and the size of the output. */
  readonly config: Pick<StreamConfig, 'detect' | 'reid' | 'output'>;
  /** In system memory; stays with the caller, and must live longer than the backend. */
  readonly artwork: Artwork;
  /** Where the next composed picture is to lie. @defaultValue `system` */
  readonly pictureMemory?: () => FrameMemory;
}
