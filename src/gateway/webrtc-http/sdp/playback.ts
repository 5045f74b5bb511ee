import type { types } from 'mediasoup';
import { DiptychError } from '../../../shared/domain/errors.js';
import { wantedMedia, type OfferedMedia, type SessionOffer } from './offer.js';

/** How one kind of media is sent to a player. */
export interface PlayedMedia {
  /** Of the section that it is sent in. */
  readonly mid: string;
  /** The format of the offer that it is sent in, with its payload type and parameters there. */
  readonly codec: types.RtpCodecCapability;
  /** What else the section offers. */
  readonly headerExtensions: readonly types.RtpHeaderExtension[];
}

/** What a player is sent: at least one of the two. */
export type Playback = Partial<Record<types.MediaKind, PlayedMedia>>;

/**
 * Profiles of H.264 whose decoders play constrained baseline, in the order of preference: itself, baseline,
 * main, constrained high and high, by `profile_idc` and `profile-iop` (RFC 6184, 8.1).
 */
const PROFILES = [/^42(?:[4-7c-f])[0-9a-f]/, /^42/, /^4d/, /^64/];
const AUDIO = 'audio/opus';
const VIDEO = 'video/h264';

/**
 * Chooses what a player is sent, of H.264 constrained baseline and Opus: the formats that it offers to
 * receive. Sound that it cannot play is left out.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_NOT_ACCEPTABLE` where it offers to receive neither, or pictures
 * in no format that is sent; with the codecs that it offered
 */
export function choosePlayback(offer: SessionOffer): Playback {
  const wanted = { video: wantedMedia(offer, 'video'), audio: wantedMedia(offer, 'audio') };
  if (!wanted.video && !wanted.audio) {
    throw notAcceptable('it wants to receive neither video nor audio; offer a section with a=recvonly');
  }
  const video = wanted.video && played(wanted.video, h264(wanted.video));
  if (wanted.video && !video) {
    throw notAcceptable(`video is sent as H.264 with packetization-mode=1, and it takes ${named(wanted.video)}`);
  }
  const audio = wanted.audio && played(wanted.audio, codecsOf(wanted.audio, AUDIO)[0]);
  if (!video && !audio) throw notAcceptable(`audio is sent as Opus, and it takes ${named(wanted.audio)}`);
  return { ...(video && { video }), ...(audio && { audio }) };
}

function played(
  { mid, capabilities }: OfferedMedia,
  codec: types.RtpCodecCapability | undefined,
): PlayedMedia | undefined {
  return codec && { mid, codec, headerExtensions: capabilities.headerExtensions ?? [] };
}

function codecsOf({ capabilities }: OfferedMedia, mimeType: string): types.RtpCodecCapability[] {
  return (capabilities.codecs ?? []).filter((codec) => codec.mimeType.toLowerCase() === mimeType);
}

/**
 * Pictures take more than one packet, so single NAL units (`packetization-mode=0`) will not do. Some players
 * (webrtcbin) name no parameters at all, and take any.
 */
function h264(media: OfferedMedia): types.RtpCodecCapability | undefined {
  const codecs = codecsOf(media, VIDEO).map((codec) => ({ codec, parameters: parametersOf(codec) }));
  const split = codecs.filter(({ parameters }) => parameters['packetization-mode'] === 1);
  for (const profile of PROFILES) {
    const found = split.find(({ parameters }) => profile.test(String(parameters['profile-level-id']).toLowerCase()));
    if (found) return found.codec;
  }
  const open = codecs.find(({ parameters }) => parameters['packetization-mode'] === undefined);
  return (split.find(({ parameters }) => parameters['profile-level-id'] === undefined) ?? open)?.codec;
}

const parametersOf = ({ parameters }: types.RtpCodecCapability): Record<string, unknown> => parameters ?? {};

function named(media: OfferedMedia | undefined): string {
  const names = (media?.capabilities.codecs ?? []).map(({ mimeType, parameters }) => {
    const mode = parameters?.['packetization-mode'];
    return mimeType.slice(mimeType.indexOf('/') + 1, 40) + (mode === 0 ? ' (packetization-mode=0)' : '');
  });
  const unique = [...new Set(names)].filter((name) => !/^(?:rtx|red|ulpfec|flexfec)/i.test(name)).slice(0, 8);
  return unique.length === 0 ? 'no codec that is known' : unique.join(', ');
}

const notAcceptable = (what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_NOT_ACCEPTABLE', `the offer cannot be accepted: ${what}`);
