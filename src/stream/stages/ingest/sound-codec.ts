import type { RtpCaps } from './rtp-caps.js';

/** How sound that comes by RTP is decoded. */
export interface SoundCodec {
  /** As the status shows it. */
  readonly name: string;
  /** The elements of pipelines/ingest-sound.launch from RTP to samples. */
  readonly launch: string;
}

/** RFC 3551 packs the code words of G.726 from the lowest bit on; `AAL2-` names the other order. */
const g726 = (kbps: number, prefix = ''): readonly [string, SoundCodec] => [
  `${prefix}G726-${kbps}`,
  {
    name: `G.726, ${kbps} kbit/s`,
    launch: `rtpg726depay force-aal2=${prefix !== ''} ! avdec_g726`,
  },
];

const G726_RATES = [16, 24, 32, 40];

/** By the encoding name of the SDP, in upper case. */
const CODECS: ReadonlyMap<string, SoundCodec> = new Map<string, SoundCodec>([
  ['MPEG4-GENERIC', { name: 'AAC', launch: 'rtpmp4gdepay ! aacparse ! avdec_aac' }],
  ['MP4A-LATM', { name: 'AAC (LATM)', launch: 'rtpmp4adepay ! aacparse ! avdec_aac' }],
  ['PCMU', { name: 'G.711 µ-law', launch: 'rtppcmudepay ! mulawdec' }],
  ['PCMA', { name: 'G.711 A-law', launch: 'rtppcmadepay ! alawdec' }],
  ['OPUS', { name: 'Opus', launch: 'rtpopusdepay ! opusdec' }],
  ['L16', { name: 'PCM 16 bit', launch: 'rtpL16depay' }],
  ['L24', { name: 'PCM 24 bit', launch: 'rtpL24depay' }],
  ['G722', { name: 'G.722', launch: 'rtpg722depay ! avdec_g722' }],
  ['MPA', { name: 'MPEG audio', launch: 'rtpmpadepay ! mpegaudioparse ! mpg123audiodec' }],
  ['AC3', { name: 'AC-3', launch: 'rtpac3depay ! ac3parse ! avdec_ac3' }],
  ['GSM', { name: 'GSM', launch: 'rtpgsmdepay ! avdec_gsm' }],
  ...G726_RATES.flatMap((kbps) => [g726(kbps), g726(kbps, 'AAL2-')]),
]);

/** How an encoding is decoded; `undefined` where nothing here decodes it. */
export const soundCodecOf = (encoding: string): SoundCodec | undefined => CODECS.get(encoding.toUpperCase());

/** How sound with these caps is decoded, or one sentence that says why it is not. */
export function playableSound({ encoding, hasConfiguration }: RtpCaps): SoundCodec | string {
  if (encoding === undefined) return 'the sound is described without its codec, so nothing can decode it';
  const codec = soundCodecOf(encoding);
  if (codec === undefined) return `nothing here decodes ${encoding}; set the sound of the camera to AAC or G.711`;
  if (encoding === 'MPEG4-GENERIC' && !hasConfiguration) {
    return 'the camera describes its AAC without the configuration that decoders need; set its sound to G.711';
  }
  return codec;
}
