import { DiptychError } from '../../../shared/domain/errors.js';
import type { Publication, PublishedTrack } from '../../../shared/ipc/messages.js';
import type { DecoderChoice, DecoderChoices } from './decoder-choice.js';
import type { SourceInfo } from './source-session.js';
import { publishableVideo, publishedCodecOf, type PublishedCodec } from './stream-branches.js';

/** How the publisher is named in messages. */
export const PUBLISHER = 'the publisher';

/** A picture with a gap is never shown: pictures wait for the next keyframe, which is asked for at once. */
const AFTER_LOSS = 'request-keyframe=true wait-for-keyframe=true';

/** From RTP to whole compressed pictures. */
const DEPAYLOADERS: Readonly<Record<PublishedCodec, string>> = {
  h264: `rtph264depay ${AFTER_LOSS} ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au`,
  vp8: `rtpvp8depay ${AFTER_LOSS}`,
  vp9: `rtpvp9depay ${AFTER_LOSS} ! vp9parse`,
};

/** Of sound that is not published: a graph with room for it is the same graph. */
const NO_SOUND: PublishedTrack = { encoding: 'OPUS', payloadType: 97, clockRate: 48_000 };

/** The part of a graph that depends on what is published. */
export interface PublishedBranches {
  /** Of the pictures. */
  readonly codec: PublishedCodec;
  /** From RTP to whole compressed pictures. */
  readonly depayloader: string;
  /** Decodes them. */
  readonly decoder: DecoderChoice;
  /** Parameters of pipelines/ingest-whip.launch. */
  readonly parameters: { readonly videoCaps: string; readonly audioCaps: string };
}

/**
 * What takes a publication apart.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_SOURCE_FORMAT` where nothing here decodes its pictures
 */
export function publishedBranches(
  { video, audio = NO_SOUND }: Publication,
  choices: DecoderChoices,
): PublishedBranches {
  const codec = publishedCodecOf(video.encoding);
  const decoder = codec && choices[codec];
  if (codec === undefined || decoder?.isAvailable !== true) {
    throw new DiptychError(
      'DIPTYCH_E_SOURCE_FORMAT',
      `${PUBLISHER} sends ${video.encoding}, which nothing here decodes; publish ${publishableVideo(choices).join(' or ')}`,
    );
  }
  const parameters = { videoCaps: rtpCaps('video', video), audioCaps: rtpCaps('audio', audio) };
  return { codec, depayloader: DEPAYLOADERS[codec], decoder, parameters };
}

/** What is known of a publication before its first packet. */
export const describePublication = ({ audio }: Publication): SourceInfo => ({
  transport: 'udp',
  transportReason: 'published by WHIP',
  ...(audio ? { audioReason: undefined } : { audio: 'none', audioReason: `${PUBLISHER} sends no sound` }),
});

const rtpCaps = (media: string, { encoding, payloadType, clockRate }: PublishedTrack): string =>
  `application/x-rtp,media=${media},encoding-name=${encoding},payload=${payloadType},clock-rate=${clockRate}`;
