import { setTimeout as delay } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Problem } from '../shared/domain/status-error.js';
import { HEARTBEAT_MS, type Preparation, type ProcessReport, type StreamCommand } from '../shared/ipc/messages.js';
import { builtPath } from '../shared/package-root.js';
import { serveBuilder } from './gst/pipeline-builder.adapter.js';
import type { ThreadCommand, ThreadReport, ThreadSetup } from './thread-messages.js';

/**
 * A thread that is not opening anything and says nothing for so long is stuck, ms. With the time until the gateway calls
 * a silent process stalled, it is less than that until the gateway stops a stream which says nothing: the process is replaced.
 */
const SILENT_MS = 2 * HEARTBEAT_MS;

/**
 * Streams of a thread. Fewer leave more room for what comes at once, and take more memory: a thread has 28 MB of its
 * own, with and without streams (eight beside none, on the CPU). One of an H200's host is busy to two fifths with 16 of
 * 1920×1080 at 30 frames a second.
 */
export const STREAMS_PER_THREAD = Number(process.env['DIPTYCH_STREAMS_PER_THREAD'] ?? 16);

/** How long the process waits for networks that are being opened, ms; then it exits nevertheless. */
const GIVE_BACK_MS = 1000;

interface StreamThread {
  readonly worker: Worker;
  readonly streams: Set<string>;
  lastBeatMs: number;
  isOpening: boolean;
  scriptBytes: number;
}

/** What threads report to. */
export interface StreamThreadsOptions {
  /** Streams of each, ≥ 1. */
  readonly streamsPerThread: number;
  /** A report of a stream; what threads say of themselves is kept here. */
  readonly onReport: (report: ProcessReport) => void;
  /** A stream was stopped, which is reported. */
  readonly onOver: () => void;
}

/**
 * Threads of a stream process: one thread decides for some dozen streams, and a process may have hundreds, on
 * one GPU and in one context of it. A thread is started when all others are full and stays: it takes the next streams.
 * Where one throws, so does this one.
 */
export class StreamThreads {
  readonly #options: StreamThreadsOptions;
  readonly #threads: StreamThread[] = [];
  #onPrepared: () => void = () => undefined;
  #onGaveBack: () => unknown = () => undefined;

  /** No thread is started yet. */
  constructor(options: StreamThreadsOptions) {
    this.#options = options;
  }

  /** Streams that run or are starting. */
  get size(): number {
    return this.#threads.reduce((sum, { streams }) => sum + streams.size, 0);
  }

  /** What objects of JavaScript take on all of them, bytes, as of their last heartbeats. */
  get scriptBytes(): number {
    return this.#threads.reduce((sum, { scriptBytes }) => sum + scriptBytes, 0);
  }

  /** Whether a thread opens what its streams need, and may be silent for long. */
  get isOpening(): boolean {
    return this.#threads.some(({ isOpening }) => isOpening);
  }

  /** Whether a thread should have said that it lives, and has not. */
  isStuck(nowMs = performance.now()): boolean {
    return this.#threads.some(({ isOpening, lastBeatMs }) => !isOpening && nowMs - lastBeatMs > SILENT_MS);
  }

  /** Starts a stream on the emptiest thread, or passes on what one of them is told. */
  onCommand(streamId: string, command: StreamCommand): void {
    const isStart = command.type === 'start';
    // A stream that has gone is asked for on any of them.
    const thread = this.#threadOf(streamId) ?? (isStart ? this.#emptiest() : (this.#threads[0] ?? this.#start()));
    if (isStart) thread.streams.add(streamId);
    tell(thread, { type: 'stream', streamId, command });
  }

  /** Has the thread that the next stream will be on open what that needs; resolves once it is there, as far as it can be had. */
  prepare(preparation: Preparation): Promise<void> {
    return new Promise((resolve) => {
      this.#onPrepared = resolve;
      tell(this.#emptiest(), { type: 'prepare', preparation });
    });
  }

  /**
   * Before the process exits: ONNX Runtime aborts it where a thread ends inside a call. Resolves when nothing that was
   * prepared is left, or after {@link GIVE_BACK_MS}.
   */
  async giveBack(): Promise<void> {
    if (this.#threads.length === 0) return;
    const gaveBack = new Promise<void>((resolve) => {
      let waiting = this.#threads.length;
      this.#onGaveBack = () => --waiting === 0 && resolve();
      for (const thread of this.#threads) tell(thread, { type: 'give-back' });
    });
    await Promise.race([gaveBack, delay(GIVE_BACK_MS)]);
  }

  /** Stops every stream; each reports it. @param unasked - why, where the gateway did not ask for it */
  stopAll(unasked?: Problem): void {
    for (const thread of this.#threads) tell(thread, { type: 'stop-all', ...(unasked && { unasked }) });
  }

  #threadOf(streamId: string): StreamThread | undefined {
    return this.#threads.find(({ streams }) => streams.has(streamId));
  }

  #emptiest(): StreamThread {
    const [emptiest] = [...this.#threads].sort((a, b) => a.streams.size - b.streams.size);
    return emptiest && emptiest.streams.size < this.#options.streamsPerThread ? emptiest : this.#start();
  }

  #start(): StreamThread {
    const builder = new MessageChannel();
    const worker = new Worker(builtPath('stream/thread-main.js'), {
      name: `diptych-streams-${this.#threads.length + 1}`,
      workerData: { builder: builder.port1 } satisfies ThreadSetup,
      transferList: [builder.port1],
      // The parent's import conditions are for its own sources.
      execArgv: [],
    });
    // The process lasts as long as its gateway.
    worker.unref();
    serveBuilder(builder.port2);
    const thread: StreamThread = {
      worker,
      streams: new Set(),
      lastBeatMs: performance.now(),
      isOpening: true,
      scriptBytes: 0,
    };
    this.#threads.push(thread);
    worker.on('message', (report: ThreadReport) => this.#onReport(thread, report));
    worker.on('error', (error) => {
      throw error;
    });
    worker.on('exit', (code) => {
      throw new Error(`a thread with streams ended (exit ${code})`);
    });
    return thread;
  }

  #onReport(thread: StreamThread, report: ThreadReport): void {
    if (report.type === 'heartbeat') {
      thread.lastBeatMs = performance.now();
      thread.isOpening = report.isOpening;
      thread.scriptBytes = report.scriptBytes;
      return;
    }
    if (report.type === 'gave-back') {
      this.#onGaveBack();
      return;
    }
    if (report.type === 'prepared') {
      this.#onPrepared();
      return;
    }
    if (report.type === 'stopped') thread.streams.delete(report.streamId);
    this.#options.onReport(report);
    if (report.type === 'stopped') this.#options.onOver();
  }
}

const tell = ({ worker }: StreamThread, command: ThreadCommand): void => worker.postMessage(command);
