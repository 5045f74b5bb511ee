import type { SourceConfig } from '../../../shared/config/schema.js';
import { maskUrl } from '../../../shared/config/mask-url.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { Publication, ReceivingPorts } from '../../../shared/ipc/messages.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { OnvifKeyframes } from '../../onvif/onvif-keyframes.adapter.js';
import { openRtspSource } from '../../rtsp/rtsp-source.adapter.js';
import type { RtspSource } from '../../rtsp/rtsp-source.js';
import { cameraOptions, onvifOptions } from './camera-options.adapter.js';
import { chooseDecoders, decodeLaunch, type DecoderChoices, type DecoderPreferences } from './decoder-choice.js';
import type { Decoding } from './decoding.js';
import type { NetworkSource } from './network-source.js';
import { describePublication, PUBLISHER, publishedBranches } from './published-source.js';
import { describeCamera } from './source-description.js';
import { thisMachine } from './decoder-machine.adapter.js';
import { openElementary } from './elementary-source.adapter.js';
import { fileDecoding } from './file-decoding.js';
import { probeFile } from './file-probe.adapter.js';
import { openHttp } from './http-source.adapter.js';
import { DEFAULT_FPS, isTurnedByConfig, isTurnedBySource, shapeLaunch } from './picture-shape.js';
import { beginAtOnce, jitterBufferMs } from './jitter-buffer.js';
import { LipSync } from './lip-sync.adapter.js';
import type { Publisher } from './publisher.js';
import { RtpPictures } from './rtp-pictures.adapter.js';
import { SourceAttempt } from './source-attempt.adapter.js';
import type { PlayableLocation, RtspLocation } from './source-location.js';
import type { SourceOptions } from './source-session.js';
import { noVideoError } from './source-error.js';
import { openSrt } from './srt-source.adapter.js';
import { openByteStream } from './streamed-source.adapter.js';
import { openV4l2 } from './v4l2-source.adapter.js';
import { depayLaunch, lackOfBranch, videoCodecOf } from './stream-branches.js';

/**
 * Builds the graph for a source.
 * @param failed - decoders that are not tried again, with the reason
 * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH`.
 */
export async function openAttempt(
  location: PlayableLocation,
  config: SourceConfig,
  options: SourceOptions,
  failed: ReadonlyMap<string, string>,
): Promise<SourceAttempt> {
  const choose = options.decoders ?? chooseHere;
  // What is turned on purpose is turned in system memory.
  const memory = isTurnedByConfig(config) ? 'system' : (options.memory ?? 'system');
  const choices = choose({ memory, device: options.device ?? 0, avoid: failed });
  const decoding = await decodingOf(location, config, { ...options, memory }, choices, [...failed.values()]);
  if (location.kind === 'rtsp') return openCamera(location, config, options, decoding);
  if (location.kind === 'http') {
    const opened = await openHttp(location, config, options);
    if (opened.kind === 'container') return openByteStream(opened.stream, location, config, options, decoding);
    return openElementary(opened.streams, location, config, options, decoding);
  }
  if (location.kind === 'srt') {
    return openByteStream(await openSrt(location.srt, config), location, config, options, decoding);
  }
  if (location.kind === 'v4l2') return openV4l2(location.device, location, config, options, decoding);
  if (location.kind === 'whip') return openPublished(location, config, options, decoding);
  const graph = await load(location, config, options, decoding, failed.size > 0);
  return new SourceAttempt(graph, location, config, options, decoding);
}

async function openCamera(
  location: RtspLocation,
  config: SourceConfig,
  options: SourceOptions,
  decoding: Decoding,
): Promise<SourceAttempt> {
  const asked = await cameraOptions(location, config);
  const camera = await openRtspSource({
    ...asked,
    lackOf: (track) => lackOfBranch(track, decoding.choices),
    signal: options.signal ?? new AbortController().signal,
  });
  const { transport, transportReason, tracks, audioReason } = camera;
  options.logger.info(
    { source: maskUrl(config.url), transport, transportReason, tracks, audioReason },
    'camera set up',
  );
  try {
    const pictures = await openPictures(camera, config, options, decoding);
    try {
      const graph = await loadCamera(camera, config);
      return new SourceAttempt(graph, location, config, options, decoding, {
        source: networkSource(
          camera,
          keyframesOf(camera, onvifOptions(location, config), asked, options),
          new LipSync(graph),
        ),
        pictures,
      });
    } catch (error) {
      await pictures.close();
      throw error;
    }
  } catch (error) {
    await camera.close();
    throw error;
  }
}

function openPictures(
  { video }: RtspSource,
  config: SourceConfig,
  { logger, outputFps = DEFAULT_FPS }: SourceOptions,
  { choices }: Decoding,
): Promise<RtpPictures> {
  const source = maskUrl(config.url);
  const codec = videoCodecOf(video.encoding);
  if (codec === undefined) throw noVideoError(source);
  const shape = shapeLaunch({ rotate: config.rotate, outputFps });
  return RtpPictures.open({
    ...{ addon: loadAddon(), codec, depayloader: depayLaunch(codec), decoder: choices[codec], shape, source, logger },
    isTurnedBySource: isTurnedBySource(config),
  });
}

/** ONVIF, for a camera that takes no requests by RTCP; `undefined`: nothing more can be asked. */
function keyframesOf(
  camera: RtspSource,
  onvif: ReturnType<typeof onvifOptions>,
  { shownUrl, tls }: Awaited<ReturnType<typeof cameraOptions>>,
  { logger }: SourceOptions,
): OnvifKeyframes | undefined {
  if (onvif === undefined || camera.video.feedback.length > 0) return undefined;
  return new OnvifKeyframes({ ...onvif, sourceUrl: shownUrl, source: maskUrl(shownUrl), tls, logger });
}

const networkSource = (camera: RtspSource, onvif: OnvifKeyframes | undefined, lipSync: LipSync): NetworkSource => ({
  ...{ info: describeCamera(camera), ended: camera.ended },
  requestKeyframe: () => onvif?.request() ?? camera.requestKeyframe(),
  onPlaying: () => lipSync.begin(),
  whySilent: () => camera.whySilent(),
  close: async () => {
    lipSync.end();
    await Promise.all([camera.close(), onvif?.close()]);
  },
});

/**
 * What somebody publishes to the gateway, which passes it on.
 * @throws {@link DiptychError} `DIPTYCH_E_SOURCE_UNPUBLISHED` while nobody publishes
 */
async function openPublished(
  location: PlayableLocation,
  config: SourceConfig,
  { publisher, ...options }: SourceOptions,
  decoding: Decoding,
): Promise<SourceAttempt> {
  const publication = publisher?.publication;
  if (!publisher || !publication) {
    throw new DiptychError('DIPTYCH_E_SOURCE_UNPUBLISHED', publisher?.absence ?? 'nobody publishes');
  }
  const { parameters, ...decoded } = publishedBranches(publication, decoding.choices);
  const shape = shapeLaunch({ rotate: config.rotate, outputFps: options.outputFps ?? DEFAULT_FPS });
  const { logger } = options;
  const pictures = await RtpPictures.open({
    ...{ addon: loadAddon(), ...decoded, shape, source: PUBLISHER, logger },
    isTurnedBySource: isTurnedBySource(config),
  });
  try {
    const graph = await Graph.load('ingest-whip', { ...parameters, latencyMs: config.latencyMs });
    beginAtOnce(loadAddon(), graph, 'udp');
    const source = publishedSource(publisher, publication, connectToSender(graph, publication), graph);
    return new SourceAttempt(graph, location, config, options, decoding, { source, pictures });
  } catch (error) {
    await pictures.close();
    throw error;
  }
}

/** Takes what the gateway sends, and nothing else. Returns the ports; where there are none, the graph is closed. */
function connectToSender(graph: Graph, { from }: Publication): Pick<ReceivingPorts, 'video' | 'audio'> {
  const { host, video, audio = video } = from;
  try {
    return {
      video: loadAddon().connectSocket(graph.id, 'rtp-video', host, video),
      audio: loadAddon().connectSocket(graph.id, 'rtp-audio', host, audio),
    };
  } catch (error) {
    void graph.close();
    throw error;
  }
}

const publishedSource = (
  publisher: Publisher,
  publication: Publication,
  ports: Pick<ReceivingPorts, 'video' | 'audio'>,
  graph: Graph,
): NetworkSource => ({
  info: describePublication(publication),
  // A publisher that leaves is told by the gateway.
  ended: new Promise(() => undefined),
  requestKeyframe: () => {
    publisher.requestKeyframe();
    return true;
  },
  // The port of RTCP is bound once the graph plays.
  onPlaying: () => {
    const { host } = publication.from;
    publisher.receive({
      publicationId: publication.id,
      host,
      ...ports,
      rtcp: Number(graph.getProperty('rtcp', 'port')),
    });
  },
  close: () => Promise.resolve(),
});

const chooseHere = (preferences: DecoderPreferences): DecoderChoices =>
  chooseDecoders(thisMachine(loadAddon()), preferences);

async function decodingOf(
  location: PlayableLocation,
  config: SourceConfig,
  { memory, logger }: SourceOptions,
  choices: DecoderChoices,
  failures: readonly string[],
): Promise<Decoding> {
  // What works in system memory leaves the choice to GStreamer, which knows more codecs.
  if (location.kind !== 'file' || memory !== 'cuda') return { choices, notes: failures };
  const { choice, reason } = fileDecoding(await probeFile(location.path), choices);
  const source = maskUrl(config.url);
  if (choice !== undefined) {
    logger.info({ source, decoder: choice.element, reason: choice.reason }, 'decoder chosen');
    return { choices, file: choice, notes: failures };
  }
  logger.info({ source, reason }, 'decodes to system memory');
  return { choices, notes: [reason, ...failures] };
}

async function loadCamera({ url, transport }: RtspSource, config: SourceConfig): Promise<Graph> {
  const graph = await Graph.load('ingest-rtsp', {
    location: url,
    latencyMs: jitterBufferMs(transport, config),
    dropOnLatency: transport === 'udp',
    timeoutUs: Math.round(config.timeoutS * 1e6),
  });
  beginAtOnce(loadAddon(), graph, transport);
  return graph;
}

function load(
  location: Extract<PlayableLocation, { readonly kind: 'file' | 'test' }>,
  config: SourceConfig,
  { pace, outputFps = DEFAULT_FPS }: SourceOptions,
  { file }: Decoding,
  isSoftwareOnly: boolean,
): Promise<Graph> {
  const shape = shapeLaunch({ rotate: config.rotate, outputFps });
  switch (location.kind) {
    case 'file': {
      const isLive = pace === 'live';
      const common = { location: location.path, isPaced: isLive, drop: isLive, ownTime: !isLive };
      if (file === undefined) return Graph.load('ingest-file', { ...common, shape, isSoftwareOnly });
      return Graph.load('ingest-file-cuda', { ...common, codec: file.codec, decoder: decodeLaunch(file, shape) });
    }
    case 'test':
      return Graph.load('ingest-test', { width: location.width, height: location.height, fps: location.fps });
  }
}
