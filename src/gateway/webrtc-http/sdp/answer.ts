import type { types } from 'mediasoup';
import { write, type MediaDescription, type SessionDescription } from 'sdp-transform';
import { sdpText } from './sdp-text.js';
import { ICE_OPTIONS } from './ice-fragment.js';
import type { OfferedMedia, SessionOffer } from './offer.js';
import { answeredSetup } from './security.js';

/** What is said of the transport that all sections share. */
export interface AnsweredTransport {
  /** Of the server. */
  readonly iceParameters: types.IceParameters;
  /** Where it listens; all of them, as none can be told later. */
  readonly iceCandidates: readonly types.IceCandidate[];
  /** Its certificates' fingerprints; sha-256 is used. */
  readonly dtlsParameters: types.DtlsParameters;
}

/** What one section is answered with. */
export interface AnsweredMedia {
  /** `sendonly`: the server sends, `recvonly`: it receives. */
  readonly direction: 'sendonly' | 'recvonly';
  /** With the payload types of the offer; the first is the one that is used. */
  readonly codecs: readonly types.RtpCodecParameters[];
  /** With the ids of the offer. */
  readonly headerExtensions: readonly types.RtpHeaderExtensionParameters[];
  /** What the server sends; empty where it receives. @defaultValue none */
  readonly encodings?: readonly types.RtpEncodingParameters[];
  /** Of what the server sends. @defaultValue none */
  readonly cname?: string;
  /** Layers that the server takes, by their RID; the others are refused. @defaultValue no simulcast */
  readonly rids?: readonly string[];
}

/** What an answer is made of. */
export interface AnswerParts {
  /** It is answered section by section. */
  readonly offer: SessionOffer;
  /** For every section that is accepted. */
  readonly transport: AnsweredTransport;
  /** By `mid`; sections that are not here are refused. */
  readonly media: ReadonlyMap<string, AnsweredMedia>;
  /** In `o=`: any whole number, another one for each session. */
  readonly sessionId: number;
}

/** Where candidates say where to send, `m=` and `c=` say nothing (RFC 8840, 4.1.1). */
const NO_PORT = 9;
const NO_ADDRESS = { version: 4, ip: '0.0.0.0' } as const;
const REFUSED_PORT = 0;

/** The SDP answer to an offer: all candidates, one transport, and one media stream. */
export function formatAnswer({ offer, transport, media, sessionId }: AnswerParts): string {
  const accepted = offer.media.filter(({ mid }) => media.has(mid)).map(({ mid }) => mid);
  const session: SessionDescription = {
    version: 0,
    origin: { username: '-', sessionId, sessionVersion: 1, netType: 'IN', ipVer: 4, address: '127.0.0.1' },
    name: '-',
    timing: { start: 0, stop: 0 },
    ...(transport.iceParameters.iceLite === true && { icelite: 'ice-lite' }),
    iceOptions: ICE_OPTIONS,
    groups: [{ type: 'BUNDLE', mids: accepted.join(' ') }],
    ...(offer.isExtmapMixed && { extmapAllowMixed: 'extmap-allow-mixed' }),
    msidSemantic: { semantic: 'WMS', token: '*' },
    media: offer.media.map((offered) => {
      const answered = media.get(offered.mid);
      return answered ? acceptedSection(offered, answered, offer, transport) : refusedSection(offered);
    }),
  };
  return write(session);
}

function refusedSection({ mid, type, protocol, formats }: OfferedMedia): MediaDescription {
  return {
    type,
    port: REFUSED_PORT,
    protocol,
    payloads: formats,
    connection: NO_ADDRESS,
    direction: 'inactive',
    mid,
    rtp: [],
    fmtp: [],
  };
}

function acceptedSection(
  { mid, type, protocol }: OfferedMedia,
  { direction, codecs, headerExtensions, encodings = [], cname = '-', rids = [] }: AnsweredMedia,
  offer: SessionOffer,
  transport: AnsweredTransport,
): MediaDescription {
  return {
    type,
    port: NO_PORT,
    protocol,
    payloads: codecs.map(({ payloadType }) => payloadType).join(' '),
    connection: NO_ADDRESS,
    ...transportLines(offer, transport),
    mid,
    direction,
    ...(direction === 'sendonly' && { msid: [{ id: cname, appdata: `${cname}-${type}` }] }),
    rtcpMux: 'rtcp-mux',
    rtcpRsize: 'rtcp-rsize',
    ...codecLines(codecs),
    ext: headerExtensions.map(({ uri, id }) => ({ uri, value: id })),
    ...ssrcLines(encodings, cname),
    ...(rids.length > 0 && {
      rids: rids.map((id) => ({ id, direction: 'recv' })),
      simulcast: { dir1: 'recv', list1: rids.join(';') },
    }),
  };
}

function transportLines(
  { dtls }: SessionOffer,
  { iceParameters, iceCandidates, dtlsParameters }: AnsweredTransport,
): Partial<MediaDescription> {
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
  return {
    iceUfrag: iceParameters.usernameFragment,
    icePwd: iceParameters.password,
    ...(fingerprint && { fingerprint: { type: fingerprint.algorithm, hash: fingerprint.value } }),
    setup: answeredSetup(dtls),
    candidates: iceCandidates.map(({ foundation, protocol, priority, address, port, type, tcpType }) => ({
      foundation,
      component: 1,
      transport: protocol,
      priority,
      ip: address,
      port,
      type,
      ...(tcpType !== undefined && { tcptype: tcpType }),
    })),
    endOfCandidates: 'end-of-candidates',
  };
}

function codecLines(codecs: readonly types.RtpCodecParameters[]): Pick<MediaDescription, 'rtp' | 'fmtp' | 'rtcpFb'> {
  return {
    rtp: codecs.map(({ mimeType, payloadType, clockRate, channels = 1 }) => ({
      payload: payloadType,
      codec: mimeType.slice(mimeType.indexOf('/') + 1),
      rate: clockRate,
      ...(channels > 1 && { encoding: channels }),
    })),
    fmtp: codecs
      .map(({ payloadType, parameters }) => ({ payload: payloadType, config: formatConfig(parameters) }))
      .filter(({ config }) => config !== ''),
    rtcpFb: codecs.flatMap(({ payloadType, rtcpFeedback = [] }) =>
      rtcpFeedback.map(({ type, parameter }) => ({
        payload: payloadType,
        type,
        ...(parameter !== undefined && parameter !== '' && { subtype: parameter }),
      })),
    ),
  };
}

function formatConfig(parameters: unknown): string {
  return Object.entries((parameters ?? {}) as Record<string, unknown>)
    .map(([name, value]) => (sdpText(value) === '' ? name : `${name}=${sdpText(value)}`))
    .join(';');
}

function ssrcLines(
  encodings: readonly types.RtpEncodingParameters[],
  cname: string,
): Pick<MediaDescription, 'ssrcs' | 'ssrcGroups'> {
  const pairs = encodings.flatMap(({ ssrc, rtx }) => (ssrc === undefined ? [] : [{ ssrc, rtx: rtx?.ssrc }]));
  const ssrcs = pairs.flatMap(({ ssrc, rtx }) => (rtx === undefined ? [ssrc] : [ssrc, rtx]));
  return {
    ssrcs: ssrcs.map((id) => ({ id, attribute: 'cname', value: cname })),
    ssrcGroups: pairs.flatMap(({ ssrc, rtx }) =>
      rtx === undefined ? [] : [{ semantics: 'FID', ssrcs: `${ssrc} ${rtx}` }],
    ),
  };
}
