import type { SourceConfig } from '../../../shared/config/schema.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { missingDecoderError } from './decoder-failure.js';
import type { Decoding } from './decoding.js';
import { elementaryName, elementaryPictures } from './elementary-codec.js';
import type { NetworkSource } from './network-source.js';
import { DEFAULT_FPS, isTurnedBySource, shapeLaunch } from './picture-shape.js';
import { RtpPictures } from './rtp-pictures.adapter.js';
import { SourceAttempt } from './source-attempt.adapter.js';
import type { PlayableLocation } from './source-location.js';
import type { SourceInfo, SourceOptions } from './source-session.js';
import { PICTURE_SINK, SOUND_SINK } from './stream-branches.js';

/** Takes what a source sends. Times in milliseconds of the shared running time. */
export interface ElementaryFeed {
  /** One compressed picture. @param dtsMs - absent: that of its presentation */
  pictures(bytes: Uint8Array, ptsMs: number, dtsMs?: number): void;
  /** Compressed sound that begins with a whole frame. */
  sound(bytes: Uint8Array, ptsMs: number): void;
}

/** A source that this process receives and takes apart itself. It was opened, and sends once it is started. */
export interface ElementaryStreams {
  /** In messages, secrets masked. */
  readonly name: string;
  /** What is known of it. */
  readonly info: SourceInfo;
  /** Caps of its pictures. */
  readonly pictureCaps: string;
  /** Caps of its sound; absent where it has none. */
  readonly soundCaps?: string;
  /** Whether it comes ahead of its time, and has to wait for that. */
  readonly isPaced: boolean;
  /** Resolves with the reason once it sends no more. Never by {@link close}. */
  readonly ended: Promise<DiptychError>;
  /** To be called once. */
  start(feed: ElementaryFeed): void;
  /** Ends it; idempotent. */
  close(): Promise<void>;
}

const PICTURES_IN = 'pictures-in';
const SOUND_IN = 'sound-in';
/** Of a source without sound: a graph with room for it is the same graph. */
const NO_SOUND_CAPS = 'audio/x-raw';

/**
 * Chooses the decoder for what a source sends, and makes an attempt of it. The source is closed where this fails.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_SOURCE_FORMAT`, `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH`
 */
export async function openElementary(
  streams: ElementaryStreams,
  location: PlayableLocation,
  config: SourceConfig,
  options: SourceOptions,
  decoding: Decoding,
): Promise<SourceAttempt> {
  try {
    const pictures = await openPictures(streams, config, options, decoding);
    try {
      const { pictureCaps, soundCaps, isPaced } = streams;
      const graph = await Graph.load('ingest-elementary', { pictureCaps, soundCaps: soundCaps ?? NO_SOUND_CAPS });
      const pads = [
        { element: PICTURE_SINK, caps: pictureCaps },
        ...(soundCaps === undefined ? [] : [{ element: SOUND_SINK, caps: soundCaps }]),
      ];
      const source = networkSource(streams, graph);
      return new SourceAttempt(graph, location, config, options, decoding, { source, pictures, pads, isPaced });
    } catch (error) {
      await pictures.close();
      throw error;
    }
  } catch (error) {
    await streams.close();
    throw error;
  }
}

function openPictures(
  { name, pictureCaps, isPaced }: ElementaryStreams,
  config: SourceConfig,
  { logger, outputFps = DEFAULT_FPS }: SourceOptions,
  { choices }: Decoding,
): Promise<RtpPictures> {
  const found = elementaryPictures(pictureCaps);
  if (!found) {
    throw new DiptychError('DIPTYCH_E_SOURCE_FORMAT', `${name} sends ${elementaryName(pictureCaps)}; send H.264`);
  }
  const decoder = choices[found.codec];
  if (!decoder.isAvailable) throw missingDecoderError(name, elementaryName(pictureCaps), decoder);
  return RtpPictures.open({
    ...{ addon: loadAddon(), codec: found.codec, decoder, source: name, logger, isPaced },
    depayloader: isPaced ? `${found.parser} ! clocksync` : found.parser,
    shape: shapeLaunch({ rotate: config.rotate, outputFps }),
    isTurnedBySource: isTurnedBySource(config),
  });
}

function networkSource(streams: ElementaryStreams, graph: Graph): NetworkSource {
  const addon = loadAddon();
  const { id } = graph;
  return {
    ...{ info: streams.info, ended: streams.ended },
    requestKeyframe: () => false,
    onPlaying: () =>
      streams.start({
        pictures: (bytes, ptsMs, dtsMs = ptsMs) => {
          if (graph.isOpen) addon.pushBytes(id, PICTURES_IN, bytes, { ptsMs, dtsMs });
        },
        sound: (bytes, ptsMs) => {
          if (graph.isOpen) addon.pushBytes(id, SOUND_IN, bytes, { ptsMs });
        },
      }),
    close: () => streams.close(),
  };
}
