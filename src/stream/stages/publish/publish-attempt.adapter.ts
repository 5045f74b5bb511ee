import { filter, firstValueFrom, race, timer as after } from 'rxjs';
import type { EncodedTaps } from '../../domain/media-tap.js';
import type { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { FlowWatch } from './flow-watch.js';
import type { AttemptEnd, TargetProgress } from './target.js';

/** What is known of the connection that a graph has to its target. */
export interface Connection {
  /** Whether the other side takes the stream: it is fed from then on. */
  readonly isOpen: boolean;
  /** Bytes given to the network so far. */
  readonly sentBytes: number;
  /** Those of them of which it is known that they get away. */
  readonly takenBytes: number;
  /** What the connection itself left out, because it was too late. */
  readonly dropped: number;
}

/** One attempt at a target. */
export interface PublishOptions {
  /** Not playing yet, with the sources `video` and `audio`. Its owner closes it. */
  readonly graph: Graph;
  /** What it is fed from. */
  readonly taps: EncodedTaps;
  /** Ends the attempt; the stream is then ended properly, in under two seconds. */
  readonly signal: AbortSignal;
  /** Told some times a second. */
  readonly onProgress: (progress: TargetProgress) => void;
  /** A target that takes nothing for longer ends the attempt, s. */
  readonly timeoutS: number;
  /** No connection for longer ends the attempt, s. @defaultValue timeoutS */
  readonly connectS?: number;
  /** Looks at the connection; called up to 20 times a second. */
  readonly connection: () => Connection;
  /** Whether sound begins with the first picture, and not as much earlier as that picture is waited for. */
  readonly isSoundWaiting?: boolean;
  /**
   * Of a target that is called: the attempt goes on without a connection, and this is what it waits for. It ends as
   * `left` once there was one.
   */
  readonly waitsFor?: TargetProgress['waitsFor'];
}

/**
 * What may wait for a slow target, ms; beyond it, what waits is dropped up to a keyframe. Higher survives longer pauses
 * of a server without a gap, and what it is sent then is later and comes at once; lower the other way round. Longer
 * than from one keyframe to the next by default (2 s), so that one of them is kept.
 */
const MAX_QUEUE_MS = 3000;
/** Sound waits for the picture of its time, which may be a keyframe away, ms. */
const MAX_SOUND_QUEUE_MS = 10_000;
const WATCH_INTERVAL_MS = 250;
/** How soon it is noticed that the other side is ready. */
const CONNECT_INTERVAL_MS = 50;
/** How long the end of the stream may take to reach the server. */
const END_MS = 1200;

/** Publishes until the signal aborts, the other side fails, or takes nothing for too long. */
export async function publish(options: PublishOptions): Promise<AttemptEnd> {
  const { graph, signal } = options;
  const stop = new AbortController();
  try {
    let wasLive = false;
    const failed = new Promise<AttemptEnd>((resolve) => {
      graph.messages$.subscribe((message) => {
        if (message.type !== 'error') return;
        resolve({ end: 'failed', wasLive, said: `${message.text} ${message.debug}` });
      });
    });
    const aborted = new Promise<AttemptEnd>((resolve) => {
      signal.addEventListener('abort', () => resolve({ end: 'stopped' }), { once: true, signal: stop.signal });
    });
    const silent = new Watch({
      ...options,
      onProgress: (progress) => {
        wasLive ||= progress.state !== 'connecting';
        options.onProgress(progress);
      },
    })
      .untilOver(stop.signal)
      .then((end): AttemptEnd => ({ end, wasLive }));
    graph.play();
    if (signal.aborted) return { end: 'stopped' };
    const end = await Promise.race([aborted, failed, silent]);
    if (end.end === 'stopped') await endStream(graph);
    return end;
  } finally {
    stop.abort();
  }
}

/** Looks at a connection again and again: feeds it once it is open, and says how it does. */
class Watch {
  readonly #options: PublishOptions;
  readonly #addon = loadAddon();
  #flow: FlowWatch;
  #isOpen = false;
  #isSoundLinked = false;
  /** Of the graph's source, when the connection was opened. */
  #pushed = 0;

  constructor(options: PublishOptions) {
    this.#options = options;
    this.#flow = new FlowWatch(options.connectS ?? options.timeoutS);
  }

  /** Resolves when the target takes nothing for too long, or all who called have left; never once `stopped`. */
  untilOver(stopped: AbortSignal): Promise<'silent' | 'left'> {
    return new Promise((resolve) => {
      const look = (): void => {
        const end = this.#look();
        if (end) {
          resolve(end);
          return;
        }
        const isSettled = this.#isOpen && this.#isSoundLinked;
        timer = setTimeout(look, isSettled ? WATCH_INTERVAL_MS : CONNECT_INTERVAL_MS);
      };
      let timer = setTimeout(look, CONNECT_INTERVAL_MS);
      stopped.addEventListener('abort', () => clearTimeout(timer), { once: true });
    });
  }

  #look(): 'silent' | 'left' | undefined {
    const { graph, connection, onProgress, waitsFor } = this.#options;
    const { isOpen, sentBytes: bytes, takenBytes, dropped: lost } = connection();
    const { queuedMs, dropped: leftOut, pushed } = this.#addon.sourceStats(graph.id, 'video');
    const dropped = leftOut + lost;
    if (isOpen && !this.#isOpen) this.#begin(pushed);
    if (!isOpen && waitsFor) {
      onProgress({ state: 'connecting', bytes, dropped, waitsFor });
      return this.#isOpen ? 'left' : undefined;
    }
    if (this.#isOpen && !this.#isSoundLinked && pushed > this.#pushed) this.#linkSound();
    const state = this.#flow.update({ sentBytes: takenBytes, queuedMs, dropped }, this.#addon.nowMs());
    // One that is called goes on with whoever calls next.
    if (state === 'dead' && !waitsFor) return 'silent';
    onProgress({ state: state === 'dead' ? 'stalled' : state, bytes, dropped });
    return undefined;
  }

  /** From the next keyframe on. Not before the other side is ready: what was encoded meanwhile would come in a burst. */
  #begin(pushed: number): void {
    const { graph, taps, isSoundWaiting, timeoutS } = this.#options;
    this.#isOpen = true;
    this.#flow = new FlowWatch(timeoutS);
    this.#pushed = pushed;
    if (!isSoundWaiting) this.#linkSound();
    const pictures = { maxQueueMs: MAX_QUEUE_MS, startOnKeyframe: true, drop: 'oldest' } as const;
    this.#addon.link(taps.video, { graphId: graph.id, element: 'video' }, pictures);
  }

  #linkSound(): void {
    const { graph, taps } = this.#options;
    this.#isSoundLinked = true;
    const sound = { maxQueueMs: MAX_SOUND_QUEUE_MS, startOnKeyframe: false };
    this.#addon.link(taps.audio, { graphId: graph.id, element: 'audio' }, sound);
  }
}

/** Ends the stream as its protocol requires; a server that does not read any more is not waited for. */
async function endStream(graph: Graph): Promise<void> {
  const addon = loadAddon();
  const ended = firstValueFrom(
    race(graph.messages$.pipe(filter((message) => message.type === 'eos' || message.type === 'error')), after(END_MS)),
    { defaultValue: undefined },
  );
  addon.endSource(graph.id, 'video');
  addon.endSource(graph.id, 'audio');
  await ended;
}
