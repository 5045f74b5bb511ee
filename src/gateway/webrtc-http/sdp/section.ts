import type { types } from 'mediasoup';
import type { MediaDescription } from 'sdp-transform';
import { sdpText } from './sdp-text.js';

/** One `m=` section, as the parser gives it: numbers stand where a text is a whole number. */
export type Section = MediaDescription;

/** Of RTP; the field has seven bits. */
const MAX_PAYLOAD_TYPE = 127;
const MAX_SSRC = 0xffff_ffff;
/** Of a header extension with two bytes (RFC 8285). */
const MAX_EXTENSION_ID = 255;
/** Layers of simulcast, at most; browsers send three. */
const MAX_ENCODINGS = 8;

/** The codecs and header extensions of one section, with their numbers there. What is no codec is left out. */
export function offeredCapabilities(section: Section, kind: types.MediaKind): types.RtpCapabilities {
  const formats = sdpText(section.payloads).split(' ');
  const codecs = new Map<number, types.RtpCodecCapability>();
  for (const { payload, codec, rate, encoding } of section.rtp) {
    const isInFormats = formats.includes(String(payload));
    if (!isWholeBetween(payload, 0, MAX_PAYLOAD_TYPE) || !isInFormats || codecs.has(payload)) continue;
    if (rate === undefined || !isWholeBetween(rate, 1, 1_000_000)) continue;
    codecs.set(payload, {
      kind,
      mimeType: `${kind}/${sdpText(codec)}`,
      preferredPayloadType: payload,
      clockRate: rate,
      ...(kind === 'audio' && { channels: isWholeBetween(encoding, 1, 255) ? encoding : 1 }),
      parameters: formatParameters(section, payload),
      rtcpFeedback: formatFeedback(section, payload),
    });
  }
  return { codecs: [...codecs.values()], headerExtensions: offeredExtensions(section, kind) };
}

/** What a section says that it sends: its RIDs, or else its SSRCs with those of their retransmissions. */
export function offeredEncodings(section: Section): types.RtpEncodingParameters[] {
  const rids = (section.rids ?? []).filter(({ direction }) => direction === 'send').map(({ id }) => sdpText(id));
  if (rids.length > 0) return [...new Set(rids)].slice(0, MAX_ENCODINGS).map((rid) => ({ rid }));
  const known = (section.ssrcs ?? []).map(({ id }) => id).filter((id) => isWholeBetween(id, 1, MAX_SSRC));
  const ssrcs = new Set(known);
  const retransmissions = new Map<number, number>();
  for (const { semantics, ssrcs: members } of section.ssrcGroups ?? []) {
    const [ssrc, rtx] = sdpText(members).split(' ').map(Number);
    if (semantics !== 'FID' || ssrc === undefined || rtx === undefined) continue;
    if (!ssrcs.has(ssrc) || !ssrcs.delete(rtx)) continue;
    retransmissions.set(ssrc, rtx);
  }
  return [...ssrcs].slice(0, MAX_ENCODINGS).map((ssrc) => {
    const rtx = retransmissions.get(ssrc);
    return { ssrc, ...(rtx !== undefined && { rtx: { ssrc: rtx } }) };
  });
}

function formatParameters({ fmtp }: Section, payload: number): Record<string, string | number> {
  const config = fmtp.find((one) => one.payload === payload)?.config;
  const entries = sdpText(config)
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair): [string, string | number] => {
      const at = pair.indexOf('=');
      const name = (at < 0 ? pair : pair.slice(0, at)).trim().toLowerCase();
      return [name, parameterValue(name, at < 0 ? '' : pair.slice(at + 1).trim())];
    });
  return Object.fromEntries(entries);
}

/** A profile of digits only is a text all the same. */
function parameterValue(name: string, value: string): string | number {
  return name !== 'profile-level-id' && /^(0|[1-9]\d{0,9})$/.test(value) ? Number(value) : value;
}

function formatFeedback({ rtcpFb = [] }: Section, payload: number): types.RtcpFeedback[] {
  return rtcpFb
    .filter((one) => one.payload === '*' || Number(one.payload) === payload)
    .map(({ type, subtype }) => ({ type, ...(subtype !== undefined && { parameter: sdpText(subtype) }) }));
}

function offeredExtensions({ ext = [] }: Section, kind: types.MediaKind): types.RtpHeaderExtension[] {
  return ext
    .filter((one) => one['encrypt-uri'] === undefined && isWholeBetween(one.value, 1, MAX_EXTENSION_ID))
    .map(({ uri, value }) => ({
      kind,
      uri: uri as types.RtpHeaderExtensionUri,
      preferredId: value,
      preferredEncrypt: false,
    }));
}

const isWholeBetween = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
