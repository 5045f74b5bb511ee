import { setTimeout as delay } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import { HEARTBEAT_MS } from '../shared/ipc/messages.js';
import { builtPath } from '../shared/package-root.js';
import { serveChildThreads } from './inference/child-thread.adapter.js';
import { serveBuilder } from './gst/pipeline-builder.adapter.js';
import { loadAddon } from './native/addon.adapter.js';
import type { ThreadCommand, ThreadReport, ThreadSetup } from './thread-messages.js';

/**
 * A thread that is not opening anything and says nothing for so long is stuck, ms. With the time until the gateway calls
 * a silent process stalled, it is less than that until the gateway stops a stream which says nothing: the process is replaced.
 */
const SILENT_MS = 2 * HEARTBEAT_MS;

/**
 * Objects of JavaScript of a thread, MB: with 16 streams it has some 30. One that takes ever more ends before it looks
 * for garbage for so long that it seems stuck, and the whole process is replaced.
 */
const MOST_OBJECTS_MB = 512;

/** How long the graphs of a thread that has ended may take to stop, ms; its streams are started again nevertheless. */
const CLOSE_GRAPHS_MS = 2000;

/** Who is told of a thread. */
export interface StreamThreadListeners {
  /** What it says of its streams. */
  readonly onReport: (report: Exclude<ThreadReport, { readonly type: 'heartbeat' }>) => void;
  /** It has ended, and nothing of it is left; `reason`: why, where it was not told to. */
  readonly onEnd: (reason: Error | undefined) => void;
}

/**
 * One thread of a stream process with its streams.
 *
 * ```
 *   serving ──told to end, an exception──▶ ending ──the thread is gone──▶ closing (its graphs) ──▶ over
 * ```
 */
export class StreamThread {
  /** Those that run on it or are starting. */
  readonly streams = new Set<string>();
  readonly #worker: Worker;
  #state: 'serving' | 'ending' | 'closing' = 'serving';
  #isTold = false;
  #error: Error | undefined;
  #lastBeatMs = performance.now();
  #isOpening = true;
  #scriptBytes = 0;

  /** Starts it. */
  constructor(name: string, listeners: StreamThreadListeners) {
    const [builder, starter] = [new MessageChannel(), new MessageChannel()];
    this.#worker = new Worker(builtPath('stream/thread-main.js'), {
      name,
      workerData: { builder: builder.port1, starter: starter.port1 } satisfies ThreadSetup,
      transferList: [builder.port1, starter.port1],
      resourceLimits: { maxOldGenerationSizeMb: MOST_OBJECTS_MB },
      // The parent's import conditions are for its own sources.
      execArgv: [],
    });
    // The process lasts as long as its gateway.
    this.#worker.unref();
    const served = serveBuilder(builder.port2, loadAddon);
    serveChildThreads(starter.port2);
    this.#worker.on('message', (report: ThreadReport) => {
      if (report.type === 'heartbeat') this.#onHeartbeat(report);
      else listeners.onReport(report);
    });
    this.#worker.on('error', (error) => {
      this.#error = error;
      this.#beginEnd();
    });
    this.#worker.on('exit', (code) => {
      this.#beginEnd();
      this.#state = 'closing';
      const reason = this.#isTold ? undefined : (this.#error ?? new Error(`exit ${code}, without an error`));
      void Promise.race([served.closeAll(), delay(CLOSE_GRAPHS_MS)]).then(() => {
        listeners.onEnd(reason);
      });
    });
  }

  /** Whether a stream may be started on it. */
  get takesStreams(): boolean {
    return this.#state === 'serving';
  }

  /** What objects of JavaScript take on it, bytes, as of its last heartbeat. */
  get scriptBytes(): number {
    return this.#scriptBytes;
  }

  /** Whether it opens what its streams need, and may be silent for long. */
  get isOpening(): boolean {
    return this.#isOpening;
  }

  /** Whether it should have said that it lives, and has not. */
  isStuck(nowMs: number): boolean {
    return this.#state !== 'closing' && !this.#isOpening && nowMs - this.#lastBeatMs > SILENT_MS;
  }

  /** It is lost where the thread has ended. */
  tell(command: ThreadCommand): void {
    this.#worker.postMessage(command);
  }

  /** Ends it; it has no stream, and gets none any more. */
  end(): void {
    this.#isTold = true;
    this.#state = 'ending';
    this.tell({ type: 'end' });
  }

  #beginEnd(): void {
    this.#state = 'ending';
    this.#isOpening = false;
    // What follows is not up to it.
    this.#lastBeatMs = performance.now();
  }

  #onHeartbeat({ isOpening, scriptBytes }: Extract<ThreadReport, { readonly type: 'heartbeat' }>): void {
    this.#lastBeatMs = performance.now();
    this.#isOpening = isOpening;
    this.#scriptBytes = scriptBytes;
  }
}
