import type { types } from 'mediasoup';
import { parse, type SessionDescription } from 'sdp-transform';
import { DiptychError } from '../../../shared/domain/errors.js';
import { readDtls, readIce, type IceCredentials, type OfferedDtls } from './security.js';
import { sdpText } from './sdp-text.js';
import { offeredCapabilities, offeredEncodings, type Section } from './section.js';

/** Which way the media of a section goes, as its sender sees it. */
export type Direction = 'sendrecv' | 'recvonly' | 'sendonly' | 'inactive';

/** One `m=` section of an offer. */
export interface OfferedMedia {
  /** Its name in the group of bundled sections. */
  readonly mid: string;
  /** As in `m=`: `audio`, `video`, `application`, or whatever else was offered. */
  readonly type: string;
  /** Absent for what is neither audio nor video. */
  readonly kind?: types.MediaKind;
  /**
   * Whether it may be answered with media: it is audio or video, bundled with the first section, and
   * its sender has not given it up (port 0).
   */
  readonly isUsable: boolean;
  /** `sendrecv` where the offer says nothing. */
  readonly direction: Direction;
  /** As in `m=`, such as `UDP/TLS/RTP/SAVPF`. */
  readonly protocol: string;
  /** The formats of `m=`, as they stand there. */
  readonly formats: string;
  /** Codecs with the payload types, and header extensions with the ids, that the offer gives them. */
  readonly capabilities: types.RtpCapabilities;
  /** What is sent: one encoding for each SSRC or RID; empty where the offer names neither. */
  readonly encodings: readonly types.RtpEncodingParameters[];
  /** Of the sender; absent where the offer has none. */
  readonly cname?: string;
}

/** An SDP offer, as far as a server needs it. */
export interface SessionOffer {
  /** What the other side proves itself with in ICE. */
  readonly ice: IceCredentials;
  /** Who may begin with DTLS, and with which certificate. */
  readonly dtls: OfferedDtls;
  /** Every section, in the order of the offer; an answer has as many. */
  readonly media: readonly OfferedMedia[];
  /** Whether header extensions of one and of two bytes may be mixed (RFC 8285). */
  readonly isExtmapMixed: boolean;
}

/** Browsers offer three; more than these are no call for media. */
const MAX_SECTIONS = 16;
const RTP_OVER_DTLS = /^(?:UDP|TCP)\/(?:TLS|DTLS)\/RTP\/SAVPF?$/i;
const MID = /^[\w!#$%&'*+.^`{|}~-]{1,64}$/;

/**
 * Reads an SDP offer (RFC 8866, JSEP) of a WHIP client or a WHEP player.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` where it is no SDP, or lacks what every offer has;
 * `DIPTYCH_E_NOT_ACCEPTABLE` where it asks for what this server does not do: media that is not
 * encrypted, not bundled, or without `rtcp-mux`.
 */
export function parseOffer(text: string): SessionOffer {
  const session = parseSession(text);
  const sections: readonly Section[] = session.media;
  if (sections.length === 0) throw badOffer('it has no m= line');
  if (sections.length > MAX_SECTIONS) throw badOffer(`it has ${sections.length} m= lines, and ${MAX_SECTIONS} at most`);
  const bundle = bundledMids(session);
  const media = sections.map((section) => offeredMedia(section, bundle));
  const mids = media.map(({ mid }) => mid);
  if (new Set(mids).size < mids.length) throw badOffer('two of its sections have the same a=mid');
  const tagged = sections[media.findIndex(({ isUsable }) => isUsable)];
  if (!tagged) throw notAcceptable('it has no section for audio or video that is bundled and not given up');
  return {
    ice: readIce(tagged, session),
    dtls: readDtls(tagged, session),
    media,
    isExtmapMixed: session.extmapAllowMixed !== undefined || tagged.extmapAllowMixed !== undefined,
  };
}

/** What an offer sends of one kind to a server that receives. */
export const sentMedia = ({ media }: SessionOffer, kind: types.MediaKind): OfferedMedia | undefined =>
  media.find((one) => one.isUsable && one.kind === kind && /^send/.test(one.direction));

/** Where an offer wants to receive media of one kind from a server that sends. */
export const wantedMedia = ({ media }: SessionOffer, kind: types.MediaKind): OfferedMedia | undefined =>
  media.find((one) => one.isUsable && one.kind === kind && /recv/.test(one.direction));

/** The parts of a text that begins as every session description does. */
function parseSession(text: string): SessionDescription {
  if (!/^v=0\r?\n/.test(text)) throw badOffer('it does not begin with the line v=0');
  return parse(text);
}

/** The sections that share a transport with the first of the group; `undefined` where nothing is bundled. */
function bundledMids({ groups = [] }: SessionDescription): ReadonlySet<string> | undefined {
  const group = groups.find(({ type }) => type === 'BUNDLE');
  return group && new Set(sdpText(group.mids).split(' '));
}

function offeredMedia(section: Section, bundle: ReadonlySet<string> | undefined): OfferedMedia {
  const mid = sdpText(section.mid);
  if (!MID.test(mid)) throw badOffer('one of its sections has no a=mid, or not a name of up to 64 characters');
  const type = sdpText(section.type);
  if (type === '' || sdpText(section.protocol) === '') throw badOffer('one of its m= lines cannot be read');
  const kind = type === 'audio' || type === 'video' ? type : undefined;
  const isGivenUp = section.port === 0 && section.bundleOnly === undefined;
  const isUsable = kind !== undefined && !isGivenUp && (bundle?.has(mid) ?? false);
  if (isUsable && !RTP_OVER_DTLS.test(section.protocol)) {
    throw notAcceptable(`it asks for ${section.protocol}; offer UDP/TLS/RTP/SAVPF`);
  }
  if (isUsable && section.rtcpMux === undefined) throw notAcceptable('it has a section without a=rtcp-mux; offer it');
  return {
    mid,
    type,
    ...(kind && { kind }),
    isUsable,
    direction: section.direction ?? 'sendrecv',
    protocol: section.protocol,
    formats: sdpText(section.payloads),
    capabilities: isUsable ? offeredCapabilities(section, kind) : {},
    encodings: isUsable ? offeredEncodings(section) : [],
    ...cnameOf(section),
  };
}

function cnameOf({ ssrcs = [] }: Section): { readonly cname?: string } {
  const value = ssrcs.find(({ attribute }) => attribute === 'cname')?.value;
  return value === undefined ? {} : { cname: sdpText(value) };
}

const badOffer = (what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_BAD_INPUT', `this is no SDP offer that can be used: ${what}`);

const notAcceptable = (what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_NOT_ACCEPTABLE', `the offer cannot be accepted: ${what}`);
