import { filter, firstValueFrom, race, timer } from 'rxjs';
import { maskUrl } from '../../../shared/config/mask-url.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { EncodedTaps } from '../../domain/media-tap.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { FlowWatch, sentBytesOf } from './flow-watch.js';
import { explainTargetError } from './target-error.js';

/** A server that a stream is published to. */
export interface RtmpTarget {
  /** Name of the target. */
  readonly id: string;
  /** With the stream key: never shown or logged. */
  readonly url: string;
}

/** How an attempt at a target goes. */
export interface TargetProgress {
  /** As `Flow` in `flow-watch.ts`. */
  readonly state: 'connecting' | 'live' | 'stalled';
  /** Bytes given to the network in this attempt. */
  readonly bytes: number;
}

/** When an attempt at a target ends. */
export interface RtmpTargetOptions {
  /**
   * A target that takes nothing for longer ends the attempt, s, > 0. Higher waits longer for a busy server, lower
   * connects again sooner. @defaultValue 8
   */
  readonly timeoutS?: number;
}

/** What may wait for a slow target, milliseconds; beyond it, pictures are dropped up to the next keyframe. */
const MAX_QUEUE_MS = 4000;
const WATCH_INTERVAL_MS = 250;
/** How long the end of the stream may take to reach the server. */
const END_MS = 1200;

/**
 * Streams to one RTMP(S) target until `signal` aborts; the stream is then ended properly (FLV
 * end, RTMP unpublish) in under two seconds. One attempt: nothing here tries again.
 * @throws {@link DiptychError} `DIPTYCH_E_TARGET` when it can't be reached, refuses, ends or stalls.
 */
export async function runTarget(
  target: RtmpTarget,
  taps: EncodedTaps,
  signal: AbortSignal,
  onProgress: (progress: TargetProgress) => void,
  { timeoutS = 8 }: RtmpTargetOptions = {},
): Promise<void> {
  if (signal.aborted) return;
  const addon = loadAddon();
  const name = maskUrl(target.url);
  const graph = await Graph.load('target-rtmp', { location: target.url, timeoutS: Math.max(1, Math.ceil(timeoutS)) });
  const video = { graphId: graph.id, element: 'video' };
  const audio = { graphId: graph.id, element: 'audio' };
  const stop = new AbortController();
  try {
    const failed = new Promise<never>((_, reject) => {
      graph.messages$.subscribe((message) => {
        if (message.type === 'error') reject(explainTargetError(message, name));
      });
    });
    const aborted = new Promise<'aborted'>((resolve) => {
      signal.addEventListener('abort', () => resolve('aborted'), { once: true, signal: stop.signal });
    });
    const watched = watch();

    addon.link(taps.audio, audio, { maxQueueMs: MAX_QUEUE_MS, startOnKeyframe: false });
    addon.link(taps.video, video, { maxQueueMs: MAX_QUEUE_MS, startOnKeyframe: true });
    graph.play();
    await Promise.race([aborted, failed, watched]);
    await endStream(graph);
  } finally {
    stop.abort();
    await graph.close();
  }

  /** Rejects when the target takes nothing for too long. */
  function watch(): Promise<never> {
    const flow = new FlowWatch(timeoutS);
    return new Promise((_, reject) => {
      const interval = setInterval(() => {
        const { queuedMs, dropped } = addon.sourceStats(video.graphId, video.element);
        const bytes = sentBytesOf(graph.getProperty('sink', 'stats'));
        const state = flow.update({ sentBytes: bytes, queuedMs, dropped }, addon.nowMs());
        if (state !== 'dead') onProgress({ state, bytes });
        else
          reject(
            new DiptychError('DIPTYCH_E_TARGET', `target ${name} took nothing for ${timeoutS} s; it is connected anew`),
          );
      }, WATCH_INTERVAL_MS);
      stop.signal.addEventListener('abort', () => clearInterval(interval), { once: true });
    });
  }
}

/** Ends the stream as RTMP requires; a server that does not read any more is not waited for. */
async function endStream(graph: Graph): Promise<void> {
  const addon = loadAddon();
  const ended = firstValueFrom(
    race(graph.messages$.pipe(filter((message) => message.type === 'eos' || message.type === 'error')), timer(END_MS)),
    { defaultValue: undefined },
  );
  addon.endSource(graph.id, 'video');
  addon.endSource(graph.id, 'audio');
  await ended;
}
