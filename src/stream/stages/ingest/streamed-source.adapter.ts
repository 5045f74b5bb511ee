import type { SourceConfig } from '../../../shared/config/schema.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { BusMessage } from '../../native/types.js';
import { missingDecoderError } from './decoder-failure.js';
import type { Decoding } from './decoding.js';
import { ELEMENTARY_CAPS, elementaryName, elementaryPictures } from './elementary-codec.js';
import type { NetworkSource } from './network-source.js';
import { DEFAULT_FPS, isTurnedBySource, shapeLaunch } from './picture-shape.js';
import type { LinkedPad, OpenCamera } from './rtp-receiver.adapter.js';
import { RtpPictures } from './rtp-pictures.adapter.js';
import { SourceAttempt } from './source-attempt.adapter.js';
import type { PlayableLocation } from './source-location.js';
import type { SourceInfo, SourceOptions } from './source-session.js';
import { PICTURE_SINK, SOUND_SINK } from './stream-branches.js';

/** The element of the graph that takes the container apart. */
const DEMUXER = 'streams';
/** How long the other stream is waited for once the first is known, and how long both are looked at, ms. */
const SETTLE_MS = 700;
const POLL_MS = 10;
/** Sound may come so much later than usual, ms; the mixer waits for it, too. */
const SOUND_MARGIN_MS = 40;
/** More than this behind or ahead of its arrival is no delay of the muxer, ms. */
const MAX_LEAD_MS = 10_000;

/** A source whose container GStreamer takes apart, before it is known what it sends. */
export interface ByteStream {
  /** A graph with the sinks of pipelines/ingest-srt.launch, not playing yet. */
  readonly graph: Graph;
  /** The source in messages, secrets masked. */
  readonly name: string;
  /** What is known of it. */
  readonly info: SourceInfo;
  /** No stream for so long ends the attempt, s. */
  readonly waitS: number;
  /** Why nothing has come for so long. */
  readonly silence: () => DiptychError;
  /** What an error on the bus means. @param hasStreams - whether anything had come */
  readonly explain: (error: BusError, hasStreams: boolean) => Promise<DiptychError>;
  /** Resolves with the reason once it sends no more. Never by {@link close}. */
  readonly ended: Promise<DiptychError>;
  /** The graph plays. */
  readonly onPlaying: () => void;
  /** Ends it; idempotent. */
  close(): Promise<void>;
  /**
   * It comes in bursts, ahead of its time: what was received first is shown so much later than it came, ms. Absent where
   * it comes as it is made.
   */
  readonly bufferMs?: number;
}

/** An error or a warning of a graph. */
export type BusError = Extract<BusMessage, { type: 'error' | 'warning' }>;

/**
 * Waits for what a source sends, chooses the decoder for it, and makes an attempt of it. Nothing that comes meanwhile
 * is lost. The stream is closed where this fails.
 *
 * @throws {@link DiptychError} as the stream explains it; `DIPTYCH_E_SOURCE_FORMAT` without pictures that are known here
 */
export async function openByteStream(
  stream: ByteStream,
  location: PlayableLocation,
  config: SourceConfig,
  options: SourceOptions,
  decoding: Decoding,
): Promise<SourceAttempt> {
  const { graph } = stream;
  try {
    const found = await streamsOf(stream, config, options.signal);
    const pictures = await openPictures(stream, found, config, options, decoding);
    const camera: OpenCamera = { source: networkSource(stream), pictures, isPaced: true, ...found };
    return new SourceAttempt(graph, location, config, options, decoding, camera);
  } catch (error) {
    await graph.close();
    await stream.close();
    throw error;
  }
}

interface FoundStreams {
  readonly pads: readonly LinkedPad[];
  /** Taken from all time stamps, ms. */
  readonly advanceMs: number;
}

/** What has become known of a stream so far. */
interface Seen {
  readonly pads: LinkedPad[];
  isComplete: boolean;
  failure?: Error;
}

async function streamsOf(
  stream: ByteStream,
  config: SourceConfig,
  signal: AbortSignal | undefined,
): Promise<FoundStreams> {
  const { graph } = stream;
  const seen: Seen = { pads: [], isComplete: false };
  linkStreams(graph, config, seen);
  const subscription = graph.messages$.subscribe((message) => {
    if (message.type === 'error') {
      void stream.explain(message, seen.pads.length > 0).then((error) => (seen.failure ??= error));
    } else if (message.type === 'eos') {
      seen.failure ??= new DiptychError('DIPTYCH_E_SOURCE_ENDED', `${stream.name} ended before any picture came`);
    }
  });
  void stream.ended.then((error) => (seen.failure ??= error));
  graph.play();
  stream.onPlaying();
  try {
    const leadMs = await settled(stream, seen, signal);
    return { pads: seen.pads, advanceMs: advanceOf(leadMs, stream.bufferMs, seen.pads) };
  } finally {
    subscription.unsubscribe();
  }
}

/** To the sinks of the graph, which keep what comes until something is linked to them. */
function linkStreams(graph: Graph, { track }: SourceConfig, seen: Seen): void {
  const addon = loadAddon();
  for (const element of [PICTURE_SINK, SOUND_SINK]) addon.hold({ graphId: graph.id, element });
  const branches = {
    [PICTURE_SINK]: ELEMENTARY_CAPS.pictures,
    ...(track.audio === 'none' ? {} : { [SOUND_SINK]: ELEMENTARY_CAPS.sound }),
  };
  addon.linkBranches(graph.id, DEMUXER, branches, (pad) => {
    if (pad) seen.pads.push(pad);
    else seen.isComplete = true;
  });
}

/** Waits until the streams are known, and how far ahead of their time they come. @returns that, ms */
async function settled(
  { graph, waitS, silence }: Pick<ByteStream, 'graph' | 'waitS' | 'silence'>,
  seen: Seen,
  signal: AbortSignal | undefined,
): Promise<number> {
  const addon = loadAddon();
  const giveUpMs = addon.nowMs() + waitS * 1000;
  let settledMs = Number.POSITIVE_INFINITY;
  let leadMs = Number.POSITIVE_INFINITY;
  while (addon.nowMs() < settledMs) {
    signal?.throwIfAborted();
    if (seen.failure) throw seen.failure;
    if (seen.isComplete || seen.pads.some(({ element }) => element === PICTURE_SINK)) {
      settledMs = Math.min(settledMs, addon.nowMs() + SETTLE_MS);
      leadMs = Math.min(leadMs, leadOf(graph, seen.pads));
    } else if (addon.nowMs() >= giveUpMs) {
      throw silence();
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return leadMs;
}

/** How far ahead of its arrival the newest of what came is to be shown, ms, of the stream that is least ahead. */
function leadOf(graph: Graph, pads: readonly LinkedPad[]): number {
  const leads = pads.flatMap(({ element }) => {
    if (element === undefined) return [];
    const { lastPtsMs, lastArrivedMs } = loadAddon().sinkStats(graph.id, element);
    return lastPtsMs === undefined || lastArrivedMs === undefined ? [] : [lastPtsMs - lastArrivedMs];
  });
  return Math.min(...leads);
}

/**
 * A muxer stamps what it sends with the time at which the other side is to show it, which lies ahead of its arrival
 * (by 0.7 s with FFmpeg). What of that no stream needs is taken off, from pictures and sound alike; pictures then wait
 * for their sound, which often comes later, as many samples at once.
 */
function advanceOf(leadMs: number, bufferMs: number | undefined, pads: readonly LinkedPad[]): number {
  if (bufferMs !== undefined) return leadMs - bufferMs;
  if (Math.abs(leadMs) > MAX_LEAD_MS) return 0;
  return pads.some(({ element }) => element === SOUND_SINK) ? leadMs - SOUND_MARGIN_MS : leadMs;
}

async function openPictures(
  { name }: ByteStream,
  { pads, advanceMs }: FoundStreams,
  config: SourceConfig,
  { logger, outputFps = DEFAULT_FPS }: SourceOptions,
  { choices }: Decoding,
): Promise<RtpPictures> {
  const caps = pads.find(({ element }) => element === PICTURE_SINK)?.caps;
  const found = caps === undefined ? undefined : elementaryPictures(caps);
  if (!found) throw noPictures(name, pads);
  const decoder = choices[found.codec];
  if (!decoder.isAvailable) throw missingDecoderError(name, elementaryName(caps ?? ''), decoder);
  const shape = shapeLaunch({ rotate: config.rotate, outputFps });
  return RtpPictures.open({
    ...{ addon: loadAddon(), codec: found.codec, decoder, shape, source: name, logger },
    isTurnedBySource: isTurnedBySource(config),
    ...{ depayloader: `${found.parser} ! clocksync`, isPaced: true, advanceMs },
  });
}

function noPictures(name: string, pads: readonly LinkedPad[]): DiptychError {
  const sent = pads.map(({ caps }) => elementaryName(caps)).join(' and ');
  const what = sent === '' ? 'nothing that is known here' : sent;
  return new DiptychError(
    'DIPTYCH_E_SOURCE_FORMAT',
    `${name} sends ${what}, and no pictures that can be decoded; send H.264 or H.265`,
  );
}

const networkSource = (stream: ByteStream): NetworkSource => ({
  ...{ info: stream.info, ended: stream.ended },
  close: () => stream.close(),
  requestKeyframe: () => false,
  // It plays already.
  onPlaying: () => undefined,
  explain: (error) => stream.explain(error, true),
});
