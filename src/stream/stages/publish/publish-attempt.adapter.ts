import { filter, firstValueFrom, race, timer as after } from 'rxjs';
import type { EncodedTaps } from '../../domain/media-tap.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { FlowWatch, sentBytesOf, type Flow } from './flow-watch.js';
import type { RtmpLocation } from '../../../shared/rtmp/location.js';

/** How an attempt at a target goes. */
export interface TargetProgress {
  /** As `Flow` in `flow-watch.ts`. */
  readonly state: Exclude<Flow, 'dead'>;
  /** Bytes given to the network in this attempt. */
  readonly bytes: number;
  /** Pictures left out in this attempt because the network took less. */
  readonly dropped: number;
}

/**
 * How an attempt ended. `failed`: `said` is GStreamer's, for the log · `silent`: the server took nothing for
 * too long. `wasLive`: media had flowed before.
 */
export type AttemptEnd =
  | { readonly end: 'stopped' }
  | { readonly end: 'silent'; readonly wasLive: boolean }
  | { readonly end: 'failed'; readonly wasLive: boolean; readonly said: string };

/**
 * What may wait for a slow target, ms; beyond it, what waits is dropped up to a keyframe. Higher survives longer pauses
 * of a server without a gap, and what it is sent then is later and comes at once; lower the other way round. Longer
 * than from one keyframe to the next by default (2 s), so that one of them is kept.
 */
const MAX_QUEUE_MS = 3000;
/** Sound waits for the picture of its time, which may be a keyframe away, ms. */
const MAX_SOUND_QUEUE_MS = 10_000;
const WATCH_INTERVAL_MS = 250;
/** How soon it is noticed that the server is ready. */
const CONNECT_INTERVAL_MS = 50;
/** How long the end of the stream may take to reach the server. */
const END_MS = 1200;

/**
 * Publishes until `signal` aborts, the server fails, or takes nothing for `timeoutS`. When aborted, the stream is
 * ended properly (FLV end, RTMP unpublish) in under two seconds.
 */
export async function publish(
  location: RtmpLocation,
  taps: EncodedTaps,
  signal: AbortSignal,
  onProgress: (progress: TargetProgress) => void,
  timeoutS: number,
): Promise<AttemptEnd> {
  const { scheme, host, port, application, stream, user, password } = location;
  const graph = await Graph.load('target-rtmp', {
    ...{ scheme, host, port, application, stream },
    timeoutS: Math.max(1, Math.ceil(timeoutS)),
  });
  const stop = new AbortController();
  try {
    if (user !== undefined) graph.setProperty('sink', 'username', user);
    if (password !== undefined) graph.setProperty('sink', 'password', password);
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
    const silent = watch(graph, timeoutS, stop.signal, {
      onConnected: () => feed(graph, taps),
      onProgress: (progress) => {
        wasLive ||= progress.state !== 'connecting';
        onProgress(progress);
      },
    }).then((): AttemptEnd => ({ end: 'silent', wasLive }));
    graph.play();
    if (signal.aborted) return { end: 'stopped' };
    const end = await Promise.race([aborted, failed, silent]);
    if (end.end === 'stopped') await endStream(graph);
    return end;
  } finally {
    stop.abort();
    await graph.close();
  }
}

/**
 * Links the encoder to the target, from the next keyframe on. Not before the server is ready: what was encoded
 * meanwhile would be sent in a burst.
 */
function feed(graph: Graph, { audio, video }: EncodedTaps): void {
  const addon = loadAddon();
  const sound = { maxQueueMs: MAX_SOUND_QUEUE_MS, startOnKeyframe: false };
  addon.link(audio, { graphId: graph.id, element: 'audio' }, sound);
  const pictures = { maxQueueMs: MAX_QUEUE_MS, startOnKeyframe: true, drop: 'oldest' } as const;
  addon.link(video, { graphId: graph.id, element: 'video' }, pictures);
}

interface WatchListeners {
  /** The server accepted the stream: the sink counts bytes from then on. */
  readonly onConnected: () => void;
  readonly onProgress: (progress: TargetProgress) => void;
}

/** Resolves when the target takes nothing for too long. */
function watch(
  graph: Graph,
  timeoutS: number,
  stopped: AbortSignal,
  { onConnected, onProgress }: WatchListeners,
): Promise<void> {
  const addon = loadAddon();
  const flow = new FlowWatch(timeoutS);
  let isConnected = false;
  return new Promise((resolve) => {
    const look = (): void => {
      const { queuedMs, dropped } = addon.sourceStats(graph.id, 'video');
      const bytes = sentBytesOf(graph.getProperty('sink', 'stats'));
      if (!isConnected && bytes > 0) {
        isConnected = true;
        onConnected();
      }
      const state = flow.update({ sentBytes: bytes, queuedMs, dropped }, addon.nowMs());
      if (state === 'dead') {
        resolve();
        return;
      }
      onProgress({ state, bytes, dropped });
      timer = setTimeout(look, isConnected ? WATCH_INTERVAL_MS : CONNECT_INTERVAL_MS);
    };
    let timer = setTimeout(look, CONNECT_INTERVAL_MS);
    stopped.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

/** Ends the stream as RTMP requires; a server that does not read any more is not waited for. */
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
