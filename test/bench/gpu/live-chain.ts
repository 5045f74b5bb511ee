import { interval, map, pipe, tap, type Subscription } from 'rxjs';
import {
  logger,
  openChainBackend,
  timedBackend,
  timesOfStages,
  type ChainConfig,
  type OpenedBackend,
} from '#src/bench/measured-chain.js';
import type { Box } from '#src/shared/domain/box.js';
import { OutputGrid } from '#src/stream/domain/output-grid.js';
import { identityStage } from '#src/stream/identity-stage.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import { twoShot, type ComposedFrame } from '#src/stream/pipeline.js';
import { detectLatest } from '#src/stream/stages/detect/detect.operator.js';
import { toBackendMemory } from '#src/stream/stages/ingest/to-backend-memory.operator.js';
import { openSource, type SourceSession } from '#src/stream/stages/ingest/source-session.adapter.js';

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

const TICKS_PER_FRAME = 4;

/** The chain of a live stream, a clip going round in real time, without an encoder. */
export class LiveChain {
  readonly #addon = loadAddon();
  readonly #opened: OpenedBackend;
  readonly #session: SourceSession;
  readonly #subscription: Subscription;
  readonly #arrivals = new Map<number, number>();
  readonly #times = timesOfStages();
  #counts = { fresh: 0, out: 0, late: 0 };
  #latencies: number[] = [];
  #droppedBefore = 0;
  /** Set where the chain ended by a failure. */
  failure: string | undefined;

  private constructor(opened: OpenedBackend, session: SourceSession, { stream }: ChainConfig) {
    this.#opened = opened;
    this.#session = session;
    const addon = this.#addon;
    const { detector, embedder, painter, toBackendMemory: move } = timedBackend(opened.backend, this.#times);
    let boxes: readonly Box[] = [];
    const { fps } = stream.output;
    const composed$ = twoShot(
      session.frames$.pipe(toBackendMemory({ move, release: (handle) => addon.release(handle), maxUnderWay: 3 })),
      {
        detect: pipe(
          detectLatest<NativeFrame>(detector, { maxFps: stream.detect.maxFps, hints: () => boxes, frames: addon }),
        ),
        track: { ...stream.track, association: embedder ? 'combined' : 'published' },
        ...(embedder && {
          identify: identityStage<NativeFrame>(embedder, {
            config: stream.reid,
            answers: 'later',
            onIdentities: () => undefined,
          }),
        }),
        slots: { ...stream.slots, holdS: stream.framing.holdS },
        grid: {
          grid: new OutputGrid({ fps }),
          ticksMs$: interval(1000 / fps / TICKS_PER_FRAME).pipe(map(() => addon.nowMs())),
          release: (handle) => addon.release(handle),
        },
        layout: { ...stream.framing, output: stream.output },
        slate: stream.output,
        condition: () => 'live',
        painter,
        onKnown: (frame) => {
          boxes = frame.tracks.map(({ box }) => box);
          this.#arrivals.set(frame.ptsMs, frame.arrivedMs);
        },
      },
    );
    this.#subscription = composed$.pipe(tap((frame) => this.#put(frame))).subscribe({
      error: (error: unknown) => this.#fail(error),
    });
    session.ended.catch((error: unknown) => this.#fail(error));
  }

  static async start(config: ChainConfig, signal: AbortSignal): Promise<LiveChain> {
    const opened = await openChainBackend(config, signal);
    const { memory } = opened.backend;
    const session = await openSource(config.stream.source, { pace: 'live', memory, logger });
    return new LiveChain(opened, session, config);
  }

  /** What was counted since it was asked before. */
  take(): LiveCounts {
    const { dropped } = this.#session;
    const counts = {
      ...this.#counts,
      dropped: dropped - this.#droppedBefore,
      latencyMs: this.#latencies,
      detectMs: this.#times.detect.splice(0),
      composeMs: this.#times.compose.splice(0),
    };
    this.#droppedBefore = dropped;
    this.#counts = { fresh: 0, out: 0, late: 0 };
    this.#latencies = [];
    this.#times.track.length = this.#times.reid.length = 0;
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
