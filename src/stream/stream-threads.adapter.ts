import { setTimeout as delay } from 'node:timers/promises';
import type { Problem } from '../shared/domain/status-error.js';
import type { Preparation, ProcessReport, StreamCommand } from '../shared/ipc/messages.js';
import type { Logger } from '../shared/telemetry/logger.js';
import { StreamThread } from './stream-thread.adapter.js';
import type { ThreadReport } from './thread-messages.js';

/**
 * Streams of a thread. Fewer leave more room for what comes at once, and take more memory: a thread has 28 MB of its
 * own, with and without streams (eight beside none, on the CPU). One of an H200's host is busy to two fifths with 16 of
 * 1920×1080 at 30 frames a second.
 */
export const STREAMS_PER_THREAD = Number(process.env['DIPTYCH_STREAMS_PER_THREAD'] ?? 16);

/** How long the process waits for networks that are being opened, ms; then it exits nevertheless. */
const GIVE_BACK_MS = 1000;

/** How long a thread without streams stays, where another one has room, ms. */
const IDLE_MS = 30_000;

/** What threads report to. */
export interface StreamThreadsOptions {
  /** Streams of each, ≥ 1. */
  readonly streamsPerThread: number;
  /** A report of a stream; what threads say of themselves is kept here. */
  readonly onReport: (report: ProcessReport) => void;
  /** A stream was stopped, which is reported. */
  readonly onOver: () => void;
  /** Says why a thread ended. */
  readonly logger: Pick<Logger, 'error'>;
  /** How long a thread without streams stays, where another one has room, ms. @defaultValue 30 000 */
  readonly idleMs?: number;
}

/**
 * Threads of a stream process: one thread decides for some dozen streams, and a process may have hundreds, on
 * one GPU and in one context of it. A thread is started when all others are full. It ends when it has had no stream for
 * a while and another one has room. Where an exception ends it, its streams have failed, and the others go on.
 */
export class StreamThreads {
  readonly #options: StreamThreadsOptions;
  readonly #threads = new Set<StreamThread>();
  /** Of those that have no stream. */
  readonly #idle = new Map<StreamThread, NodeJS.Timeout>();
  /** What was asked of a thread and is not answered yet. */
  readonly #asked = new Map<StreamThread, Map<'prepared' | 'gave-back', () => void>>();
  #count = 0;

  /** No thread is started yet. */
  constructor(options: StreamThreadsOptions) {
    this.#options = options;
  }

  /** Streams that run or are starting. */
  get size(): number {
    return this.#sum(({ streams }) => streams.size);
  }

  /** What objects of JavaScript take on all of them, bytes, as of their last heartbeats. */
  get scriptBytes(): number {
    return this.#sum(({ scriptBytes }) => scriptBytes);
  }

  /** Whether a thread opens what its streams need, and may be silent for long. */
  get isOpening(): boolean {
    return [...this.#threads].some(({ isOpening }) => isOpening);
  }

  /** Whether a thread should have said that it lives, and has not. */
  isStuck(nowMs = performance.now()): boolean {
    return [...this.#threads].some((thread) => thread.isStuck(nowMs));
  }

  /** Starts a stream on the emptiest thread, or passes on what one of them is told. */
  onCommand(streamId: string, command: StreamCommand): void {
    // A stream that has gone is asked for on any of them.
    const thread = this.#threadOf(streamId) ?? this.#emptiest();
    if (command.type === 'start') {
      thread.streams.add(streamId);
      this.#keep(thread);
    }
    thread.tell({ type: 'stream', streamId, command });
  }

  /** Has the thread that the next stream will be on open what that needs; resolves once it is there, as far as it can be had. */
  async prepare(preparation: Preparation): Promise<void> {
    const thread = this.#emptiest();
    thread.tell({ type: 'prepare', preparation });
    await this.#answer(thread, 'prepared');
  }

  /**
   * Before the process exits: ONNX Runtime aborts it where a thread ends inside a call. Resolves when nothing that was
   * prepared is left, or after {@link GIVE_BACK_MS}.
   */
  async giveBack(): Promise<void> {
    const serving = [...this.#threads].filter(({ takesStreams }) => takesStreams);
    if (serving.length === 0) return;
    const gaveBack = serving.map((thread) => {
      thread.tell({ type: 'give-back' });
      return this.#answer(thread, 'gave-back');
    });
    await Promise.race([Promise.all(gaveBack), delay(GIVE_BACK_MS)]);
  }

  /** Stops every stream; each reports it. @param unasked - why, where the gateway did not ask for it */
  stopAll(unasked?: Problem): void {
    for (const thread of this.#threads) thread.tell({ type: 'stop-all', ...(unasked && { unasked }) });
  }

  #sum(of: (thread: StreamThread) => number): number {
    return [...this.#threads].reduce((sum, thread) => sum + of(thread), 0);
  }

  #threadOf(streamId: string): StreamThread | undefined {
    return [...this.#threads].find(({ streams }) => streams.has(streamId));
  }

  #hasRoom(thread: StreamThread): boolean {
    return thread.takesStreams && thread.streams.size < this.#options.streamsPerThread;
  }

  #emptiest(): StreamThread {
    const withRoom = [...this.#threads].filter((thread) => this.#hasRoom(thread));
    const [emptiest] = withRoom.sort((a, b) => a.streams.size - b.streams.size);
    return emptiest ?? this.#start();
  }

  #start(): StreamThread {
    this.#count += 1;
    const thread = new StreamThread(`diptych-streams-${this.#count}`, {
      onReport: (report) => this.#onReport(thread, report),
      onEnd: (reason) => this.#onEnd(thread, reason),
    });
    this.#threads.add(thread);
    return thread;
  }

  /** Resolves when the thread has answered, or has ended. */
  #answer(thread: StreamThread, type: 'prepared' | 'gave-back'): Promise<void> {
    return new Promise((resolve) => {
      const asked = this.#asked.get(thread) ?? new Map<typeof type, () => void>();
      asked.get(type)?.();
      this.#asked.set(thread, asked.set(type, resolve));
    });
  }

  #onReport(thread: StreamThread, report: Exclude<ThreadReport, { readonly type: 'heartbeat' }>): void {
    if (report.type === 'gave-back' || report.type === 'prepared') {
      this.#asked.get(thread)?.get(report.type)?.();
      return;
    }
    if (report.type === 'stopped') thread.streams.delete(report.streamId);
    this.#options.onReport(report);
    if (report.type !== 'stopped') return;
    this.#options.onOver();
    this.#lookForIdle();
  }

  /** Its streams, if it had any, come back when the gateway starts them again. */
  #onEnd(thread: StreamThread, reason: Error | undefined): void {
    this.#keep(thread);
    this.#threads.delete(thread);
    for (const resolve of this.#asked.get(thread)?.values() ?? []) resolve();
    this.#asked.delete(thread);
    if (!reason) return;
    const streams = [...thread.streams];
    this.#options.logger.error({ err: reason, streams }, 'a thread with streams ended; they are started again');
    const message = `the thread of the stream ended: ${reason.message}; where that comes again, the log of the gateway has more`;
    const error: Problem = { code: 'DIPTYCH_E_PROCESS', message };
    for (const streamId of streams) {
      this.#options.onReport({ type: 'stopped', streamId, error });
      this.#options.onOver();
    }
  }

  /** Each thread without streams ends in a while, unless it gets one or no other has room then. */
  #lookForIdle(): void {
    const { idleMs = IDLE_MS } = this.#options;
    for (const thread of this.#threads) {
      if (thread.streams.size > 0 || !thread.takesStreams || this.#idle.has(thread)) continue;
      const timer = setTimeout(() => {
        this.#idle.delete(thread);
        const others = [...this.#threads].filter((other) => other !== thread);
        if (thread.takesStreams && others.some((other) => this.#hasRoom(other))) thread.end();
      }, idleMs);
      this.#idle.set(thread, timer.unref());
    }
  }

  #keep(thread: StreamThread): void {
    clearTimeout(this.#idle.get(thread));
    this.#idle.delete(thread);
  }
}
