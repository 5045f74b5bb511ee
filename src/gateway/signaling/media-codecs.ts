import type { types } from 'mediasoup';

/**
 * H.264 constrained baseline: the one profile every browser decodes. Level asymmetry lets the
 * sender use a higher level than 3.1, which 1920×1080 needs and every decoder takes.
 */
const H264_PARAMETERS = {
  'packetization-mode': 1,
  'profile-level-id': '42e01f',
  'level-asymmetry-allowed': 1,
} as const;

const VIDEO_CLOCK_RATE = 90_000;
const AUDIO_CLOCK_RATE = 48_000;
const AUDIO_CHANNELS = 2;

/** In the RTP that stream processes send; what browsers see is negotiated with each. */
export const VIDEO_PAYLOAD_TYPE = 96;
/** RTP payload type of Opus. */
export const AUDIO_PAYLOAD_TYPE = 97;

/** What the media server forwards; it changes nothing of the media. */
export const ROUTER_CODECS: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: AUDIO_CLOCK_RATE, channels: AUDIO_CHANNELS },
  { kind: 'video', mimeType: 'video/H264', clockRate: VIDEO_CLOCK_RATE, parameters: H264_PARAMETERS },
];

/** What a stream process sends; one `cname` for both media keeps audio and video together. */
export function producerParameters(kind: types.MediaKind, ssrc: number, cname: string): types.RtpParameters {
  const video: types.RtpCodecParameters = {
    mimeType: 'video/H264',
    payloadType: VIDEO_PAYLOAD_TYPE,
    clockRate: VIDEO_CLOCK_RATE,
    parameters: H264_PARAMETERS,
    rtcpFeedback: [
      { type: 'nack', parameter: 'pli' },
      { type: 'ccm', parameter: 'fir' },
    ],
  };
  const audio: types.RtpCodecParameters = {
    mimeType: 'audio/opus',
    payloadType: AUDIO_PAYLOAD_TYPE,
    clockRate: AUDIO_CLOCK_RATE,
    channels: AUDIO_CHANNELS,
    parameters: { 'sprop-stereo': 1 },
  };
  return { codecs: [kind === 'video' ? video : audio], encodings: [{ ssrc }], rtcp: { cname } };
}
