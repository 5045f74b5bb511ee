import { gatewaySchema, type GpuConfig, type StreamConfig } from '../shared/config/schema.js';
import type { FrameMemory } from '../shared/domain/frame.js';
import type { ResourceStack } from '../shared/resource-stack.js';
import type { Logger } from '../shared/telemetry/logger.js';
import type { AnalyzerOptions } from '../stream/backend/vision-backend.js';
import { ModelStore } from '../stream/models/model-store.adapter.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { FrameSemaphore } from '../stream/stages/ingest/frame-semaphore.js';
import { openSource, type SourceSession } from '../stream/stages/ingest/source-session.adapter.js';

/** What a file is run through the chain with. */
export interface FileChainOptions<B> {
  /** Its source is the file. */
  readonly config: StreamConfig;
  /** What differs from the defaults of `gpu` in the gateway's configuration. */
  readonly gpu?: Partial<GpuConfig> | undefined;
  /** Told why something is not used. */
  readonly logger: Logger;
  /** Aborted: opening ends. */
  readonly signal: AbortSignal;
  /** Opens what frames are analyzed with, and painted where they are. */
  readonly openBackend: (options: AnalyzerOptions) => Promise<B>;
  /** Opens the file. @defaultValue `openSource` */
  readonly open?: typeof openSource | undefined;
}

/** A file that is read as fast as its frames are taken, and what they are worked on with. */
export interface FileChain<B> {
  /** As `openBackend` gave it. */
  readonly backend: B;
  /** The file; not playing before its frames are subscribed to. */
  readonly session: SourceSession;
  /** Bounds the frames in the chain. */
  readonly semaphore: FrameSemaphore;
}

/** Where a frame's pixels are copied elsewhere, the source does not see that it is still in use. */
const FRAMES_IN_CHAIN = 4;

/**
 * Opens a file and a backend for it; both belong to `resources`.
 * @throws {@link DiptychError} where the file cannot be decoded, or as `openBackend` does.
 */
export async function openFileChain<B extends { readonly memory: FrameMemory; close(): Promise<void> }>(
  { config, logger, signal, openBackend, open = openSource, ...options }: FileChainOptions<B>,
  resources: ResourceStack,
): Promise<FileChain<B>> {
  const addon = loadAddon();
  const gpu = { ...gatewaySchema.parse({}).gpu, ...options.gpu };
  const backend = resources.adopt(
    await openBackend({ config, gpu, addon, store: new ModelStore(), logger, signal }),
    (opened) => opened.close(),
  );
  const { memory } = backend;
  const session = resources.adopt(
    await open(config.source, { pace: 'free', logger, memory, device: gpu.device }),
    (opened) => opened.close(),
  );
  const release = (handle: number): void => addon.release(handle);
  return { backend, session, semaphore: new FrameSemaphore({ maxFrames: FRAMES_IN_CHAIN, release }) };
}
