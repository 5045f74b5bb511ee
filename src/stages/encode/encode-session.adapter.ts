import { availableParallelism } from 'node:os';
import { filter, firstValueFrom, race, timer } from 'rxjs';
import type { OutputConfig } from '#config/schema.js';
import { DiptychError } from '#domain/errors.js';
import type { FrameHandle } from '#domain/frame.js';
import type { EncodedTaps, MediaTap } from '#domain/media-tap.js';
import { Graph } from '#gst/graph.adapter.js';
import { loadAddon } from '#native/addon.adapter.js';
import type { RtpDestination } from '#supervision/messages.js';
import type { Logger } from '#telemetry/logger.js';
import type { EncoderChoice } from './encoder-choice.js';
import { pickEncoder } from './encoder-probe.adapter.js';
import { EncodeTimer } from './encode-timer.js';

export interface EncodeOptions {
  /** Where RTP goes; without both of them there is none. */
  readonly video?: RtpDestination;
  readonly audio?: RtpDestination;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

export interface EncodeStats {
  /** From `push` to the encoded picture, milliseconds, of the latest one; 0 before the first. */
  readonly encodeMs: number;
  /** Pictures that the encoder did not take in time. */
  readonly dropped: number;
  /** Encoded video so far. */
  readonly bytes: number;
}

/** The encoder of a stream: one for the life of it, whatever the source does. */
export interface EncodeSession {
  /** GStreamer element that encodes. */
  readonly encoder: string;
  /** Where the sound of a source is linked to: S16LE, 48 kHz, stereo. Silence comes by itself. */
  readonly audioInput: MediaTap;
  readonly taps: EncodedTaps;
  readonly stats: EncodeStats;
  /** Rejects with a {@link DiptychError} when encoding or RTP fails; never resolves. */
  readonly failed: Promise<never>;
  /** Takes its own reference. I420 of the output size; PTS rise by whole frame periods. */
  push(picture: FrameHandle, ptsMs: number): void;
  forceKeyframe(): void;
  /** Lets out what is being encoded, then ends; under a second. Idempotent. */
  close(): Promise<void>;
}

/** Slices above this number cost quality and gain nothing at these sizes. */
const MAX_SLICES = 4;
/** As in pipelines/encode-x264.launch. */
const VBV_S = 0.4;
/** Opus is as good as AAC at three quarters of the bitrate. */
const OPUS_SHARE = 0.75;
const RTP_QUEUE_MS = 300;
const DRAIN_MS = 300;

/**
 * Starts encoding; pictures come by `push`.
 * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH`.
 */
export async function openEncoder(config: OutputConfig, options: EncodeOptions): Promise<EncodeSession> {
  const choice = await pickEncoder(config.encoder);
  const { element, reason, rejected } = choice;
  options.logger.info({ encoder: element, reason, rejected }, 'encoder chosen');
  const graphs: Graph[] = [];
  try {
    const keep = (graph: Graph): Graph => {
      graphs.push(graph);
      return graph;
    };
    const video = keep(await loadVideo(config, choice));
    const bitsPerSecond = config.audioBitrateKbps * 1000;
    const audio = keep(
      await Graph.load('encode-audio', { opusBps: Math.round(bitsPerSecond * OPUS_SHARE), aacBps: bitsPerSecond }),
    );
    const isSent = options.video !== undefined && options.audio !== undefined;
    const rtp = isSent ? keep(await loadRtp(options.video, options.audio)) : undefined;
    return new Session(element, { video, audio, ...(rtp === undefined ? {} : { rtp }) }, options);
  } catch (error) {
    await Promise.all(graphs.map((graph) => graph.close()));
    throw error;
  }
}

function loadVideo(
  { width, height, fps, bitrateKbps, gopS, preset }: OutputConfig,
  { encoder }: EncoderChoice,
): Promise<Graph> {
  const common = { width, height, fps, bitrateKbps, gopFrames: Math.round(gopS * fps) };
  switch (encoder) {
    case 'x264':
      return Graph.load('encode-x264', { ...common, preset, threads: Math.min(MAX_SLICES, availableParallelism()) });
    case 'nvh264':
      return Graph.load('encode-nvh264', { ...common, vbvKbit: Math.round(bitrateKbps * VBV_S) });
  }
}

function loadRtp(video: RtpDestination, audio: RtpDestination): Promise<Graph> {
  return Graph.load('encode-rtp', {
    videoHost: video.host,
    videoPort: video.rtpPort,
    videoRtcpPort: video.rtcpPort,
    videoSsrc: video.ssrc,
    videoPayloadType: video.payloadType,
    audioHost: audio.host,
    audioPort: audio.rtpPort,
    audioRtcpPort: audio.rtcpPort,
    audioSsrc: audio.ssrc,
    audioPayloadType: audio.payloadType,
  });
}

interface SessionGraphs {
  readonly video: Graph;
  readonly audio: Graph;
  readonly rtp?: Graph;
}

class Session implements EncodeSession {
  readonly encoder: string;
  readonly audioInput: MediaTap;
  readonly taps: EncodedTaps;
  readonly failed: Promise<never>;

  readonly #addon = loadAddon();
  readonly #graphs: SessionGraphs;
  readonly #timer = new EncodeTimer();
  #encodeMs = 0;
  #closing: Promise<void> | undefined;

  constructor(encoder: string, graphs: SessionGraphs, { logger }: EncodeOptions) {
    const { video, audio, rtp } = graphs;
    this.encoder = encoder;
    this.#graphs = graphs;
    this.audioInput = { graphId: audio.id, element: 'audio' };
    this.taps = {
      video: { graphId: video.id, element: 'h264' },
      audio: { graphId: audio.id, element: 'aac' },
    };
    this.failed = new Promise<never>((_, reject) => {
      for (const [name, graph] of Object.entries(graphs) as [string, Graph][]) {
        graph.messages$.subscribe((message) => {
          if (message.type === 'error') {
            reject(
              new DiptychError(
                'DIPTYCH_E_GRAPH',
                `encoding ${name} failed: ${message.element}: ${message.text} [${message.debug}]`,
              ),
            );
          }
          if (message.type === 'warning') logger.warn({ element: message.element, debug: message.debug }, message.text);
        });
      }
    });
    // Whoever closes before it fails need not look at it.
    this.failed.catch(() => undefined);

    if (rtp !== undefined) {
      const link = { maxQueueMs: RTP_QUEUE_MS, startOnKeyframe: false };
      this.#addon.link(this.taps.video, { graphId: rtp.id, element: 'video' }, link);
      this.#addon.link({ graphId: audio.id, element: 'opus' }, { graphId: rtp.id, element: 'audio' }, link);
      rtp.play();
    }
    audio.play();
    video.play();
  }

  get stats(): EncodeStats {
    const { video } = this.#graphs;
    return {
      encodeMs: this.#encodeMs,
      dropped: this.#addon.sourceStats(video.id, 'video').dropped,
      bytes: this.#addon.sinkStats(video.id, 'h264').bytes,
    };
  }

  push(picture: FrameHandle, ptsMs: number): void {
    if (this.#closing !== undefined) return;
    const { video } = this.#graphs;
    this.#addon.pushFrame(video.id, 'video', picture, ptsMs);
    this.#timer.pushed(ptsMs, this.#addon.nowMs());
    const { lastPtsMs, lastArrivedMs } = this.#addon.sinkStats(video.id, 'h264');
    if (lastPtsMs === undefined || lastArrivedMs === undefined) return;
    this.#encodeMs = this.#timer.encoded(lastPtsMs, lastArrivedMs) ?? this.#encodeMs;
  }

  forceKeyframe(): void {
    if (this.#closing === undefined) this.#addon.forceKeyUnit(this.#graphs.video.id, 'video');
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const { video, audio, rtp } = this.#graphs;
    await Promise.all([drain(video), drain(audio)]);
    // RTCP BYE, so that the media server knows at once.
    if (rtp !== undefined) await drain(rtp);
    await Promise.all(Object.values(this.#graphs).map((graph: Graph) => graph.close()));
  }
}

/** EOS through a graph, and a short wait for it. */
async function drain(graph: Graph): Promise<void> {
  const ended = firstValueFrom(
    race(graph.messages$.pipe(filter((message) => message.type === 'eos')), timer(DRAIN_MS)),
    {
      defaultValue: undefined,
    },
  );
  graph.sendEos();
  await ended;
}
