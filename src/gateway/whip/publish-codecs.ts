import type { types } from 'mediasoup';
import type { PublishedTrack } from '../../shared/ipc/messages.js';

const VIDEO_CLOCK_RATE = 90_000;
const AUDIO_CLOCK_RATE = 48_000;
/**
 * What browsers, phones and encoders offer, by the payload types of both packetization modes (RFC 6184; 0 is what an
 * offer means that names none). Every decoder here takes them; not 4:2:2, 4:4:4 and 10 bits (`7a`, `f4`, `6e`), which
 * those of graphics cards do not.
 */
const H264_PROFILES: readonly { readonly id: string; readonly mode1: number; readonly mode0?: number }[] = [
  { id: '42e01f', mode1: 120, mode0: 96 }, // constrained baseline
  { id: '42001f', mode1: 121, mode0: 98 }, // baseline
  { id: '4d001f', mode1: 122, mode0: 99 }, // main
  { id: '64001f', mode1: 123, mode0: 127 }, // high
  { id: '640c1f', mode1: 126 }, // constrained high
];
/** A header extension by which phones leave it to the receiver to turn pictures. */
const VIDEO_ORIENTATION = 'urn:3gpp:video-orientation';

/** Publishers may leave the level to the other side. */
const h264 = (profile: string, mode: 0 | 1, payloadType: number): types.RouterRtpCodecCapability => ({
  kind: 'video',
  mimeType: 'video/H264',
  preferredPayloadType: payloadType,
  clockRate: VIDEO_CLOCK_RATE,
  parameters: { 'packetization-mode': mode, 'level-asymmetry-allowed': 1, 'profile-level-id': profile },
});

/**
 * What is taken from publishers; the payload types are those by which it reaches stream processes. mediasoup gives its
 * own (RTX) those from 100 on.
 */
export const PUBLISH_CODECS: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 97, clockRate: AUDIO_CLOCK_RATE, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 124, clockRate: VIDEO_CLOCK_RATE },
  { kind: 'video', mimeType: 'video/VP9', preferredPayloadType: 125, clockRate: VIDEO_CLOCK_RATE },
  ...H264_PROFILES.map(({ id, mode1 }) => h264(id, 1, mode1)),
  ...H264_PROFILES.flatMap(({ id, mode0 }) => (mode0 === undefined ? [] : [h264(id, 0, mode0)])),
];

/**
 * What publishers are told that is taken. Not the orientation of pictures: without it browsers and phones turn them
 * before they encode them, and send another size whenever the device is turned.
 */
export const publishCapabilities = ({ codecs, headerExtensions }: types.RtpCapabilities): types.RtpCapabilities => ({
  ...(codecs && { codecs }),
  headerExtensions: (headerExtensions ?? []).filter(({ uri }) => uri !== VIDEO_ORIENTATION),
});

/** Without it browsers begin with 300 kbit/s and a small picture, and need half a minute for a large one, kbit/s. */
const START_BITRATE = { 'x-google-start-bitrate': 2000 } as const;

/** Codecs as they are answered, with the bitrate to begin with. */
export const withStartBitrate = (codecs: readonly types.RtpCodecParameters[]): types.RtpCodecParameters[] =>
  codecs.map((codec) =>
    codec.mimeType.toLowerCase().endsWith('/rtx')
      ? codec
      : { ...codec, parameters: { ...codec.parameters, ...START_BITRATE } },
  );

/** What a stream process takes: pictures and sound as they come, and nothing that needs an answer but keyframes. */
export const streamCapabilities = ({ codecs = [] }: types.RtpCapabilities): types.RtpCapabilities => ({
  codecs: codecs
    .filter(({ mimeType }) => !mimeType.toLowerCase().endsWith('/rtx'))
    .map((codec) => ({
      ...codec,
      rtcpFeedback: (codec.rtcpFeedback ?? []).filter(({ parameter }) => parameter === 'pli' || parameter === 'fir'),
    })),
  headerExtensions: [],
});

/** What reaches a stream process of a producer. */
export function publishedTrack({ consumableRtpParameters }: types.Producer): PublishedTrack {
  const [codec] = consumableRtpParameters.codecs;
  if (!codec) throw new Error('a producer has no codec');
  const { mimeType, payloadType, clockRate } = codec;
  return { encoding: mimeType.slice(mimeType.indexOf('/') + 1).toUpperCase(), payloadType, clockRate };
}
