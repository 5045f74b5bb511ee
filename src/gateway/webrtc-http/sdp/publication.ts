import type { types } from 'mediasoup';
import {
  getExtendedRtpCapabilities,
  getSendingRemoteRtpParameters,
  getSendingRtpParameters,
  reduceCodecs,
} from 'mediasoup-client/ortc';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { AnsweredMedia } from './answer.js';
import { sentMedia, type OfferedMedia, type SessionOffer } from './offer.js';

/** One kind of media that a publisher sends. */
export interface PublishedMedia {
  /** Of the section that it is sent in. */
  readonly mid: string;
  /** Its codec, such as `video/H264`. */
  readonly mimeType: string;
  /** For `transport.produce`. */
  readonly rtpParameters: types.RtpParameters;
  /** For the answer. */
  readonly answered: AnsweredMedia;
}

/** What a publisher sends: at least one of the two. */
export type Publication = Partial<Record<types.MediaKind, PublishedMedia>>;

/** What a server takes. */
export interface PublicationOptions {
  /** Of the router that receives. */
  readonly routerCapabilities: types.RtpCapabilities;
  /** MIME types in lower case, the best first; what is not here is not taken. */
  readonly preference: readonly string[];
}

/**
 * Chooses what a publisher sends: of each kind the codec that comes first in `preference`, in all layers that
 * it offers. Sound that is not taken is left out.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_NOT_ACCEPTABLE` where it offers to send neither, or pictures in no
 * codec that is taken; with the codecs that are
 */
export function choosePublication(offer: SessionOffer, options: PublicationOptions): Publication {
  const offered = { video: sentMedia(offer, 'video'), audio: sentMedia(offer, 'audio') };
  if (!offered.video && !offered.audio) {
    throw notAcceptable('it sends neither video nor audio; offer a section with a=sendonly');
  }
  const video = offered.video && published('video', offered.video, options);
  if (offered.video && !video) throw notAcceptable(`video is taken as ${taken('video', options)}`);
  const audio = offered.audio && published('audio', offered.audio, options);
  if (!video && !audio) throw notAcceptable(`audio is taken as ${taken('audio', options)}`);
  return { ...(video && { video }), ...(audio && { audio }) };
}

function published(
  kind: types.MediaKind,
  { mid, capabilities, encodings, cname }: OfferedMedia,
  { routerCapabilities, preference }: PublicationOptions,
): PublishedMedia | undefined {
  const common = getExtendedRtpCapabilities(capabilities, routerCapabilities, true);
  const sent = getSendingRtpParameters(kind, common);
  const mimeTypes = new Set(sent.codecs.map((codec) => codec.mimeType.toLowerCase()));
  const mimeType = preference.find((name) => mimeTypes.has(name));
  const codec = sent.codecs.find((one) => one.mimeType.toLowerCase() === mimeType);
  if (!codec) return undefined;
  const wanted = { ...codec, kind, preferredPayloadType: codec.payloadType };
  const codecs = reduceCodecs(sent.codecs, wanted);
  const remote = getSendingRemoteRtpParameters(kind, common);
  const hasRtx = codecs.length > 1;
  const rids = encodings.flatMap(({ rid }) => rid ?? []);
  return {
    mid,
    mimeType: codec.mimeType,
    rtpParameters: {
      mid,
      codecs: codecs,
      headerExtensions: sent.headerExtensions as types.RtpHeaderExtensionParameters[],
      encodings: encodings.length === 0 ? [{}] : encodings.map((one) => withoutUnusedRtx(one, hasRtx)),
      rtcp: { ...(cname !== undefined && { cname }) },
    },
    answered: {
      direction: 'recvonly',
      codecs: reduceCodecs(remote.codecs, wanted),
      headerExtensions: remote.headerExtensions as types.RtpHeaderExtensionParameters[],
      rids,
    },
  };
}

function withoutUnusedRtx(
  { rtx, ...encoding }: types.RtpEncodingParameters,
  hasRtx: boolean,
): types.RtpEncodingParameters {
  return hasRtx && rtx ? { ...encoding, rtx } : encoding;
}

function taken(kind: types.MediaKind, { preference }: PublicationOptions): string {
  return preference
    .filter((name) => name.startsWith(kind))
    .map((name) => name.slice(kind.length + 1).toUpperCase())
    .join(', ');
}

const notAcceptable = (what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_NOT_ACCEPTABLE', `the offer cannot be accepted: ${what}`);
