import { DiptychError } from '../../shared/domain/errors.js';
import type { FrameHandle, FrameMemory } from '../../shared/domain/frame.js';
import type { GpuStatus, FrameResidency } from '../../shared/domain/stream-status.js';
import { BusMeter } from './gpu/bus-meter.js';
import { isGpuLost, isLeftToCpu } from './gpu/gpu-error.js';
import type { NativeAddon, NativeFrame } from '../native/types.js';
import type { Painter, PlannedFrame } from '../stages/compose/paint.operator.js';
import type { Detector } from '../stages/detect/detector.js';
import type { FrameEmbedder } from '../stages/reid/embedder.js';
import type { VisionBackend } from './vision-backend.js';

/** What a {@link FailoverBackend} needs to go on without the GPU. */
export interface FailoverBackendOptions {
  /** Of this process; tells when the GPU is lost. */
  readonly addon: Pick<NativeAddon, 'frameInfo' | 'retain' | 'release' | 'gpuLostReason' | 'gpuTraffic'>;
  /** Size of the composed picture and of the slate, pixels. */
  readonly output: { readonly width: number; readonly height: number };
  /** Paints in system memory; the caller owns it. */
  readonly cpuPainter: Painter;
  /** Opens the backend that replaces one whose GPU is lost. */
  readonly openFallback: (reason: string) => Promise<VisionBackend>;
  /** Called once, when the GPU is lost. */
  readonly onLost: (reason: string) => void;
}

/**
 * The backend of a running stream. It goes on when its GPU is lost, or refuses what the CPU can do,
 * such as a network for pictures of a new size. From then on pictures are painted on the CPU; those
 * whose source frame was lost with the GPU repeat the picture before, or show the slate. Detections
 * and embeddings pause until the CPU's networks are open. Without a GPU every call goes straight to
 * the backend.
 */
export class FailoverBackend {
  readonly #options: FailoverBackendOptions;
  readonly #meter: BusMeter | undefined;
  #backend: VisionBackend;
  #lostReason: string | undefined;
  readonly #gpuName: string | undefined;
  readonly #gpuIndex: number | undefined;
  #replacing: Promise<void> | undefined;
  /** The latest picture, while there is a GPU that could be lost, and after. */
  #held: FrameHandle | undefined;
  #fail: (error: unknown) => void = () => undefined;

  /** Detects; rejects with `DIPTYCH_E_GPU_LOST` for a frame that was lost with the GPU. */
  readonly detector: Detector;
  /** Embeds; a frame that was lost with the GPU has no embeddings. Absent where identities are not checked. */
  readonly embedder: FrameEmbedder | undefined;
  /** Paints, whatever happens to the GPU. */
  readonly painter: Painter;
  /** The same on the GPU and on the CPU. */
  readonly artwork: VisionBackend['artwork'];
  /** Rejects when the CPU can't take over; never resolves. */
  readonly failed: Promise<never>;

  constructor(backend: VisionBackend, options: FailoverBackendOptions) {
    this.#options = options;
    this.#backend = backend;
    this.artwork = backend.artwork;
    this.#gpuName = backend.gpu.name;
    this.#gpuIndex = backend.gpu.index;
    this.#meter = backend.gpuDevice && new BusMeter(backend.gpuDevice.composed);
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
    const { addon } = options;
    this.detector = {
      model: backend.detector.model,
      reason: backend.detector.reason,
      isThrifty: backend.detector.isThrifty,
      detect: (frame, hints) => this.#guard(frame.handle, (current) => current.detector.detect(frame, hints)),
      close: () => this.close(),
    };
    const { embedder } = backend;
    this.embedder = embedder && {
      model: embedder.model,
      metric: embedder.metric,
      embed: async (requests, picture) => {
        const none = requests.map((request) => ({ ...request, embedding: undefined }));
        try {
          return await this.#guard(picture.handle, async (current) =>
            current.embedder ? current.embedder.embed(requests, picture) : none,
          );
        } catch (error) {
          if (isGpuLost(error)) return none;
          throw error;
        }
      },
      close: () => this.close(),
    };
    this.painter = {
      paint: (frame) => this.#paint(frame),
      retain: (picture) => addon.retain(picture),
      release: (picture) => addon.release(picture),
    };
  }

  /** Where decoders are to leave their pictures. */
  get memory(): FrameMemory {
    return this.#isLost ? 'system' : this.#backend.memory;
  }

  /** Why the GPU is not used any more; absent while it is, and where there was none. */
  get lostReason(): string | undefined {
    return this.#lostReason;
  }

  /** Where detecting, embedding and composing have their frames. */
  get residencies(): readonly FrameResidency[] {
    return this.#backend.residencies;
  }

  /** As `VisionBackend.toBackendMemory`. */
  toBackendMemory(frame: NativeFrame): Promise<NativeFrame> | undefined {
    return this.#isLost ? undefined : this.#backend.toBackendMemory(frame);
  }

  /** Notices a GPU that was lost while it had nothing to do; to be called every now and then. */
  check(): void {
    if (this.#isLost || this.#backend.memory !== 'cuda') return;
    const reason = this.#options.addon.gpuLostReason();
    if (reason !== undefined) this.#lose(reason);
  }

  /** What the stream makes of the GPU, for the API; `stages` in the order of the way of a frame. */
  status(stages: readonly FrameResidency[]): GpuStatus {
    const { state, reason } = this.#backend.gpu;
    const traffic = this.#meter && this.#options.addon.gpuTraffic();
    const bytesPerFrame = traffic && this.#meter.read(traffic);
    return {
      state: this.#isLost ? 'lost' : state,
      ...(this.#gpuName !== undefined && { name: this.#gpuName }),
      ...(this.#gpuIndex !== undefined && { index: this.#gpuIndex }),
      reason: this.#lostReason ?? reason,
      stages,
      ...(traffic && { traffic }),
      ...(bytesPerFrame && { bytesPerFrame }),
    };
  }

  /** Closes the backend in use, once one that is being opened is there. */
  async close(): Promise<void> {
    await this.#replacing;
    if (this.#held !== undefined) this.#options.addon.release(this.#held);
    this.#held = undefined;
    await this.#backend.close();
  }

  get #isLost(): boolean {
    return this.#lostReason !== undefined;
  }

  /** Does what needs the frame's pixels. @throws {@link DiptychError} `DIPTYCH_E_GPU_LOST` where they are gone. */
  async #guard<T>(handle: FrameHandle, work: (backend: VisionBackend) => Promise<T>): Promise<T> {
    if (!this.#isReadable(handle)) throw new DiptychError('DIPTYCH_E_GPU_LOST', 'the frame was lost with the GPU');
    const backend = this.#backend;
    try {
      return await work(backend);
    } catch (error) {
      if (backend.memory !== 'cuda' || !isLeftToCpu(error)) throw error;
      const reason = (error as Error).message;
      this.#lose(reason);
      throw new DiptychError('DIPTYCH_E_GPU_LOST', reason, { cause: error });
    }
  }

  #isReadable(handle: FrameHandle): boolean {
    return !this.#isLost || this.#options.addon.frameInfo(handle).memory === 'system';
  }

  async #paint(frame: PlannedFrame): Promise<FrameHandle> {
    const { addon } = this.#options;
    const { source } = frame;
    // The caller may release the frame before the GPU fails.
    if (source !== undefined) addon.retain(source);
    try {
      if (!this.#isLost) {
        try {
          return this.#hold(await this.#backend.painter.paint(frame));
        } catch (error) {
          if (this.#backend.memory !== 'cuda' || !isLeftToCpu(error)) throw error;
          this.#lose((error as Error).message);
        }
      }
      return await this.#paintOnCpu(frame);
    } finally {
      if (source !== undefined) addon.release(source);
    }
  }

  #hold(picture: FrameHandle): FrameHandle {
    if (this.#backend.memory !== 'cuda' && !this.#isLost) return picture;
    const { addon } = this.#options;
    addon.retain(picture);
    if (this.#held !== undefined) addon.release(this.#held);
    this.#held = picture;
    return picture;
  }

  async #paintOnCpu({ plan, source }: PlannedFrame): Promise<FrameHandle> {
    const { cpuPainter, addon, output } = this.#options;
    const showsSource = source !== undefined && plan.regions.some(({ content }) => content === 'source');
    if (!showsSource || this.#isReadable(source)) return this.#hold(await cpuPainter.paint({ plan, source }));
    const held = this.#held;
    if (held !== undefined && this.#isReadable(held)) {
      addon.retain(held);
      return held;
    }
    const whole = { x: 0, y: 0, ...output };
    const slate = { content: 'slate', crop: whole, dest: whole, alpha: 1 } as const;
    return this.#hold(await cpuPainter.paint({ plan: { ...plan, regions: [slate], marks: [] }, source }));
  }

  #lose(reason: string): void {
    if (this.#isLost) return;
    this.#lostReason = reason;
    this.#options.onLost(reason);
    const lost = this.#backend;
    this.#replacing = this.#options
      .openFallback(reason)
      .then((backend) => {
        this.#backend = backend;
        // What lay on a lost GPU cannot be freed any more.
        return lost.close().catch(() => undefined);
      })
      .catch((error: unknown) => this.#fail(error));
  }
}
