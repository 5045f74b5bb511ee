import type { types } from 'mediasoup';
import { ROUTER_CODECS } from '../../signaling/media-codecs.js';
import type { AnsweredMedia } from '../sdp/answer.js';
import type { Playback, PlayedMedia } from '../sdp/playback.js';

/** What a player may ask for in RTCP. */
const FEEDBACK: readonly types.RtcpFeedback[] = [
  { type: 'nack', parameter: '' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
];
/** Those that help a player and need nothing of it; of estimates of bandwidth there is no use with one encoding. */
const EXTENSIONS: readonly string[] = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
];
/** Parameters of an offered format that an answer repeats, because both sides have to use the same. */
const SYMMETRIC = ['packetization-mode', 'profile-level-id', 'level-asymmetry-allowed', 'minptime', 'useinbandfec'];
/** The sound has two channels; a player that can play them is told so. */
const STEREO = { stereo: 1, 'sprop-stereo': 1 } as const;

/** A name for the payload types that a player gives the two formats: those who have the same share a router. */
export const playbackKey = (playback: Playback): string =>
  `${payloadTypeOf(playback.video)}/${payloadTypeOf(playback.audio)}`;

/** The codecs of a router that sends with the payload types of a player; a kind that is not played has any. */
export function playbackCodecs(playback: Playback): types.RouterRtpCodecCapability[] {
  return ROUTER_CODECS.map((codec) => {
    const preferredPayloadType = playback[codec.kind]?.codec.preferredPayloadType;
    return { ...codec, ...(preferredPayloadType !== undefined && { preferredPayloadType }) };
  });
}

/** What a player takes of one kind, in the terms of its router: one format, without retransmissions of their own. */
export function playerCapabilities(
  kind: types.MediaKind,
  { codec, headerExtensions }: PlayedMedia,
): types.RtpCapabilities {
  const sent = ROUTER_CODECS.filter((one) => one.kind === kind);
  const asked = (codec.rtcpFeedback ?? []).map(({ type, parameter = '' }) => `${type} ${parameter}`);
  return {
    codecs: sent.map((one) => ({
      ...one,
      preferredPayloadType: codec.preferredPayloadType,
      rtcpFeedback: FEEDBACK.filter(({ type, parameter = '' }) => asked.includes(`${type} ${parameter}`)),
    })),
    headerExtensions: headerExtensions.filter(({ uri }) => EXTENSIONS.includes(uri)),
  };
}

/** What the answer says of one kind: the format as the offer has it, and what the consumer sends. */
export function playedAnswer(
  { codec }: PlayedMedia,
  { codecs, headerExtensions = [], encodings = [] }: types.RtpParameters,
  cname: string,
): AnsweredMedia {
  const given = codec.parameters ?? {};
  const repeated = SYMMETRIC.filter((name) => given[name] !== undefined).map((name) => [name, given[name]] as const);
  return {
    direction: 'sendonly',
    codecs: codecs.map((one) => ({
      ...one,
      mimeType: codec.mimeType,
      parameters: { ...Object.fromEntries(repeated), ...(codec.kind === 'audio' && STEREO) },
    })),
    headerExtensions,
    encodings,
    cname,
  };
}

const payloadTypeOf = (played: PlayedMedia | undefined): string => String(played?.codec.preferredPayloadType ?? '-');
