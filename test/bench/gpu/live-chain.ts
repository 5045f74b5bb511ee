import { tap, type Subscription } from 'rxjs';
import { logger, openChainBackend, type ChainConfig, type OpenedBackend } from '#src/bench/measured-chain.js';
import { timedChain, type TimedChain } from '#src/bench/stage-times.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { pipelineOptions } from '#src/stream/pipeline-options.js';
import { twoShot, type ComposedFrame } from '#src/stream/pipeline.js';
import { openSource, type SourceSession } from '#src/stream/stages/ingest/source-session.adapter.js';
import { MAX_BATCH } from './required-gpu.js';

/** What a stream did since it was asked before. */
export interface LiveCounts {
  /** Composed pictures that show a source frame for the first time. */
  readonly fresh: number;
  /** Composed pictures, repeated ones included. */
  readonly out: number;
  /** Pictures repeated because painting could not keep up. */
  readonly late: number;
  /** Source frames that nobody took in time. */
  readonly dropped: number;
  /** From the decoded frame to the composed picture, of fresh ones, ms. */
  readonly latencyMs: readonly number[];
  readonly detectMs: readonly number[];
  readonly composeMs: readonly number[];
}

/** The chain of a live stream, a clip going round in real time, without an encoder. */
export class LiveChain {
  readonly #addon = loadAddon();
  readonly #opened: OpenedBackend;
  readonly #session: SourceSession;
  readonly #subscription: Subscription;
  readonly #arrivals = new Map<number, number>();
  readonly #chain: TimedChain;
  #counts = { fresh: 0, out: 0, late: 0 };
  #latencies: number[] = [];
  #droppedBefore = 0;
  /** Set where the chain ended by a failure. */
  failure: string | undefined;

  private constructor(opened: OpenedBackend, session: SourceSession, { stream }: ChainConfig) {
    this.#opened = opened;
    this.#session = session;
    this.#chain = timedChain(opened.backend);
    const { backend, listeners } = this.#chain;
    const options = pipelineOptions({
      ...{ config: stream, backend, addon: this.#addon },
      pace: { answers: 'later' },
      listeners: { ...listeners, onKnown: ({ ptsMs, arrivedMs }) => this.#arrivals.set(ptsMs, arrivedMs) },
    });
    const composed$ = twoShot(session.frames$, options);
    this.#subscription = composed$.pipe(tap((frame) => this.#put(frame))).subscribe({
      error: (error: unknown) => this.#fail(error),
    });
    session.ended.catch((error: unknown) => this.#fail(error));
  }

  static async start(config: ChainConfig, signal: AbortSignal): Promise<LiveChain> {
    const opened = await openChainBackend({ ...config, isShared: true, maxBatch: MAX_BATCH }, signal);
    const { memory } = opened.backend;
    const session = await openSource(config.stream.source, { pace: 'live', memory, logger });
    return new LiveChain(opened, session, config);
  }

  /** What was counted since it was asked before. */
  take(): LiveCounts {
    const { dropped } = this.#session;
    const { times } = this.#chain;
    const counts = {
      ...this.#counts,
      dropped: dropped - this.#droppedBefore,
      latencyMs: this.#latencies,
      detectMs: times.detect.splice(0),
      composeMs: times.compose.splice(0),
    };
    this.#droppedBefore = dropped;
    this.#counts = { fresh: 0, out: 0, late: 0 };
    this.#latencies = [];
    times.track.length = times.reid.length = 0;
    return counts;
  }

  async close(): Promise<void> {
    this.#subscription.unsubscribe();
    await this.#session.close();
    await this.#opened.close();
  }

  #fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error.message : JSON.stringify(error);
  }

  #put({ picture, sourceFrame, isNew, isLate }: ComposedFrame): void {
    this.#addon.release(picture);
    this.#counts.out += 1;
    if (isLate) this.#counts.late += 1;
    if (!isNew || isLate || !sourceFrame) return;
    this.#counts.fresh += 1;
    const arrivedMs = this.#arrivals.get(sourceFrame.ptsMs);
    if (arrivedMs !== undefined) this.#latencies.push(this.#addon.nowMs() - arrivedMs);
    // Frames that no slot of the output had room for stay behind otherwise.
    for (const ptsMs of this.#arrivals.keys()) {
      if (ptsMs > sourceFrame.ptsMs) break;
      this.#arrivals.delete(ptsMs);
    }
  }
}
