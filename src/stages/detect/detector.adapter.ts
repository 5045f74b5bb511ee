import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Box, Size } from '#domain/box.js';
import type { DetectionSet } from '#domain/detection.js';
import { DiptychError } from '#domain/errors.js';
import type { Frame } from '#domain/frame.js';
import type { DetectConfig } from '#config/schema.js';
import type { ModelStore, ResolvedDetector } from '#inference/model-store.adapter.js';
import { ThreadGate } from '#inference/thread-gate.js';
import type { NativeAddon } from '#native/types.js';
import type { Detector } from './detector.js';
import type { DetectorReply, DetectorRequest, DetectorSetup } from './detector-messages.js';

export interface DetectorDeps {
  readonly addon: Pick<NativeAddon, 'retain' | 'release'>;
  readonly store: Pick<ModelStore, 'resolveDetector'>;
  /** Size of the pictures to come, so that the first one meets a warm network. @defaultValue 1920×1080 */
  readonly expectedPicture?: Size;
  /** Stops fetching the model. */
  readonly signal?: AbortSignal;
}

const FULL_HD: Size = { width: 1920, height: 1080 };

/** A thread that does not end on its own within this time is ended. */
const CLOSE_TIMEOUT_MS = 2000;

/** The process waits this long for an inference before it exits. */
const EXIT_TIMEOUT_MS = 1000;

/**
 * Starts the detector thread for the model that the configuration asks for; the network has run
 * once when this resolves.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where no model can be had or it is not as the
 * manifest says; `DIPTYCH_E_NATIVE` where the addon can't be loaded.
 */
export async function createDetector(config: DetectConfig, deps: DetectorDeps): Promise<Detector> {
  const model = await deps.store.resolveDetector(config.model, deps.signal);
  const gate = new ThreadGate();
  const onExit = (): void => void gate.close(EXIT_TIMEOUT_MS);
  const worker = new Worker(WORKER_URL, {
    name: 'diptych-detector',
    workerData: setupFor(model, config, deps.expectedPicture ?? FULL_HD, gate),
    // The parent's import conditions are for its own sources.
    execArgv: [],
  });
  process.on('exit', onExit);
  worker.once('exit', () => process.off('exit', onExit));
  const [reply] = await Promise.race([
    once(worker, 'message') as Promise<[DetectorReply]>,
    once(worker, 'exit').then(([code]): never => {
      throw new DiptychError('DIPTYCH_E_INTERNAL', `the detector thread ended before it was ready (exit ${code})`);
    }),
  ]).catch((error: unknown) => {
    if (error instanceof DiptychError) throw error;
    throw new DiptychError('DIPTYCH_E_INTERNAL', `the detector thread failed to start: ${String(error)}`, {
      cause: error,
    });
  });
  if (reply.type === 'failed') throw new DiptychError(reply.code, `${model.entry.name}: ${reply.message}`);
  return new DetectorThread(worker, gate, model, deps.addon);
}

/** When this file runs from the TypeScript sources, in tests, the thread runs what was built from them. */
const WORKER_URL = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/stages/detect/detector-worker.adapter.js', import.meta.url)
  : new URL('./detector-worker.adapter.js', import.meta.url);

interface PendingCall {
  readonly frame: Pick<Frame, 'handle' | 'ptsMs'>;
  readonly resolve: (found: DetectionSet) => void;
  readonly reject: (error: DiptychError) => void;
}

class DetectorThread implements Detector {
  readonly model: string;
  readonly reason: string;
  readonly #worker: Worker;
  readonly #gate: ThreadGate;
  readonly #addon: DetectorDeps['addon'];
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 1;
  #failure: DiptychError | undefined;
  #closed: Promise<void> | undefined;

  constructor(worker: Worker, gate: ThreadGate, { entry, reason }: ResolvedDetector, addon: DetectorDeps['addon']) {
    this.model = entry.name;
    this.reason = reason;
    this.#worker = worker;
    this.#gate = gate;
    this.#addon = addon;
    worker.on('message', (reply: DetectorReply) => this.#onReply(reply));
    worker.on('error', (error: Error) => this.#fail(`the detector thread crashed: ${error.message}`, error));
    worker.on('exit', (code) => this.#fail(`the detector thread ended (exit ${code})`));
  }

  detect(
    frame: Pick<Frame, 'handle' | 'width' | 'height' | 'ptsMs'>,
    hints: readonly Box[] = [],
  ): Promise<DetectionSet> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closed !== undefined) {
      return Promise.reject(new DiptychError('DIPTYCH_E_INTERNAL', 'the detector was asked after it was closed'));
    }
    return new Promise((resolve, reject) => {
      const { handle, ptsMs, width, height } = frame;
      this.#addon.retain(handle);
      const id = this.#nextId++;
      this.#pending.set(id, { frame: { handle, ptsMs }, resolve, reject });
      // Boxes may come with more in them than a thread can be sent.
      const boxes = hints.map((box) => ({ x: box.x, y: box.y, width: box.width, height: box.height }));
      this.#post({ type: 'detect', id, handle, picture: { width, height }, hints: boxes });
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#failure !== undefined) return;
    const exited = once(this.#worker, 'exit');
    this.#post({ type: 'close' });
    const timer = setTimeout(() => {
      this.#gate.close(EXIT_TIMEOUT_MS);
      void this.#worker.terminate();
    }, CLOSE_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  #post(request: DetectorRequest): void {
    this.#worker.postMessage(request);
  }

  #onReply(reply: DetectorReply): void {
    if (reply.type === 'ready' || reply.id === undefined) return;
    const call = this.#take(reply.id);
    if (reply.type === 'failed') call?.reject(new DiptychError(reply.code, `${this.model}: ${reply.message}`));
    else call?.resolve({ ptsMs: call.frame.ptsMs, detections: reply.detections });
  }

  /** Ends every call that waits and all that come; the first reason is the one that is told. */
  #fail(message: string, cause?: Error): void {
    this.#failure ??= new DiptychError('DIPTYCH_E_INTERNAL', message, cause === undefined ? {} : { cause });
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(this.#failure);
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    if (call === undefined) return undefined;
    this.#pending.delete(id);
    this.#addon.release(call.frame.handle);
    return call;
  }
}

function setupFor(
  { entry, path }: ResolvedDetector,
  config: DetectConfig,
  expectedPicture: Size,
  gate: ThreadGate,
): DetectorSetup {
  const { channels, order, mean, scale, pad } = entry.input;
  return {
    path,
    threads: config.threads,
    decoder: entry.decoder,
    kind: entry.task === 'face-detector' ? 'face' : 'person',
    inputName: entry.input.name,
    outputNames: entry.outputs,
    pixels: { channels, order, mean, scale, pad },
    inputSize: entry.input.size,
    inputLongSide: config.inputWidth,
    scoreThreshold: Math.max(config.scoreThreshold, entry.minScore),
    nmsIou: config.nmsIou,
    regions: entry.regions,
    gate: gate.memory,
    expectedPicture,
  };
}
