import { filter, firstValueFrom, race, timer } from 'rxjs';
import type { OutputConfig } from '../../../shared/config/schema.js';
import type { RtpDestination } from '../../../shared/ipc/messages.js';
import type { MediaTap } from '../../domain/media-tap.js';
import { Graph } from '../../gst/graph.adapter.js';

/** Opus is as good as AAC at three quarters of the bitrate. */
const OPUS_SHARE = 0.75;
const DRAIN_MS = 300;

/** Graphs that stay when the video encoder is replaced. */
export interface SessionGraphs {
  /** Encodes the sound, to AAC and Opus. */
  readonly audio: Graph;
  /** Sends RTP. */
  readonly rtp?: Graph;
}

/** Builds the graph that encodes the sound. @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING` */
export function loadAudio({ audioBitrateKbps }: Pick<OutputConfig, 'audioBitrateKbps'>): Promise<Graph> {
  const aacBps = audioBitrateKbps * 1000;
  return Graph.load('encode-audio', { opusBps: Math.round(aacBps * OPUS_SHARE), aacBps });
}

/** Builds the graph that sends RTP. @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING` */
export function loadRtp(video: RtpDestination, audio: RtpDestination): Promise<Graph> {
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

/** The encoded video of a graph. */
export const videoTapOf = (video: Graph): MediaTap => ({ graphId: video.id, element: 'h264' });

/** Sends EOS through a graph, and waits a moment for it, so that what is being encoded comes out. */
export async function drain(graph: Graph): Promise<void> {
  const eos$ = graph.messages$.pipe(filter((message) => message.type === 'eos'));
  const ended = firstValueFrom(race(eos$, timer(DRAIN_MS)), { defaultValue: undefined });
  graph.sendEos();
  await ended;
}
