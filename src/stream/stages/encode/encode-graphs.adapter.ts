import { setTimeout } from 'node:timers/promises';
import { filter, firstValueFrom, race, timer } from 'rxjs';
import type { OutputConfig } from '../../../shared/config/schema.js';
import type { MediaTap } from '../../domain/media-tap.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { RtpSender } from './rtp-sender.adapter.js';

/** Opus is as good as AAC at three quarters of the bitrate. */
const OPUS_SHARE = 0.75;
const DRAIN_MS = 300;

/** Graphs that stay when the video encoder is replaced. */
export interface SessionGraphs {
  /** Encodes the sound, to AAC and Opus. */
  readonly audio: Graph;
  /** Sends RTP. */
  readonly rtp?: RtpSender;
}

/** Builds the graph that encodes the sound. @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING` */
export function loadAudio({ audioBitrateKbps }: Pick<OutputConfig, 'audioBitrateKbps'>): Promise<Graph> {
  const aacBps = audioBitrateKbps * 1000;
  return Graph.load('encode-audio', { opusBps: Math.round(aacBps * OPUS_SHARE), aacBps });
}

/** The encoded video of a graph. */
export const videoTapOf = (video: Graph): MediaTap => ({ graphId: video.id, element: 'h264' });

/** The encoded sound for browsers. */
export const opusTapOf = (audio: Graph): MediaTap => ({ graphId: audio.id, element: 'opus' });

/** Sends EOS through a graph, and waits a moment for it, so that what is being encoded comes out. */
export async function drain(graph: Graph): Promise<void> {
  const eos$ = graph.messages$.pipe(filter((message) => message.type === 'eos'));
  const ended = firstValueFrom(race(eos$, timer(DRAIN_MS)), { defaultValue: undefined });
  graph.sendEos();
  await ended;
}

/** An encoder that is given nothing more has given everything after this long, at worst. */
const SETTLE_TRIES = 40;
const SETTLE_STEP_MS = 5;

/** Waits, for a moment, until a graph of the video has encoded the picture with this PTS, ms. */
export async function untilEncoded({ id }: Graph, ptsMs: number): Promise<void> {
  for (let tries = 0; tries < SETTLE_TRIES; tries++) {
    if ((loadAddon().sinkStats(id, 'h264').lastPtsMs ?? 0) >= ptsMs) return;
    await setTimeout(SETTLE_STEP_MS);
  }
}
