import { headerOf, headersOf, type RtspResponse } from './rtsp-message.js';

/** A session as its header tells. */
export interface SessionHeader {
  /** Sent back with each request. */
  readonly id: string;
  /** Without a request for so long the server may end the session, s. */
  readonly timeoutS: number;
}

/** What a server chose for one track. */
export type TransportHeader =
  | { readonly kind: 'tcp'; readonly rtpChannel: number; readonly rtcpChannel: number }
  | {
      readonly kind: 'udp';
      /** 0: not said. */
      readonly rtpPort: number;
      /** 0: not said. */
      readonly rtcpPort: number;
      /** An address other than that of the server. */
      readonly source?: string;
    };

/** RFC 2326, section 12.37. */
const DEFAULT_TIMEOUT_S = 60;
const MAX_TIMEOUT_S = 24 * 3600;

/** Reads `Session: id;timeout=60`; `undefined` where there is none. */
export function sessionOf(response: RtspResponse): SessionHeader | undefined {
  const value = headerOf(response, 'session');
  const id = value?.split(';', 1)[0]?.trim();
  if (value === undefined || id === undefined || id === '') return undefined;
  const timeout = Number(/;\s*timeout\s*=\s*"?(\d+)/i.exec(value)?.[1] ?? DEFAULT_TIMEOUT_S);
  return { id, timeoutS: timeout > 0 ? Math.min(timeout, MAX_TIMEOUT_S) : DEFAULT_TIMEOUT_S };
}

/** Reads the answer's `Transport`; `undefined` where it names neither channels nor ports. */
export function transportOf(response: RtspResponse): TransportHeader | undefined {
  const value = headerOf(response, 'transport') ?? '';
  const channels = /interleaved\s*=\s*"?(\d{1,3})(?:\s*-\s*(\d{1,3}))?/i.exec(value);
  if (channels) {
    const rtpChannel = Number(channels[1]);
    const rtcpChannel = Number(channels[2] ?? rtpChannel + 1);
    return rtpChannel <= 255 && rtcpChannel <= 255 ? { kind: 'tcp', rtpChannel, rtcpChannel } : undefined;
  }
  if (!/RTP\/AVP/i.test(value) || /RTP\/AVP\/TCP/i.test(value)) return undefined;
  const ports = /server_port\s*=\s*"?(\d{1,5})(?:\s*-\s*(\d{1,5}))?/i.exec(value);
  const source = /source\s*=\s*"?([0-9a-f.:]+)/i.exec(value)?.[1];
  const rtpPort = portOf(ports?.[1]);
  return {
    kind: 'udp',
    rtpPort,
    rtcpPort: ports?.[2] === undefined && rtpPort > 0 ? rtpPort + 1 : portOf(ports?.[2]),
    ...(source === undefined ? {} : { source }),
  };
}

/** The methods that `Public` and `Allow` name, in capitals. */
export function methodsOf(response: RtspResponse): ReadonlySet<string> {
  const values = [...headersOf(response, 'public'), ...headersOf(response, 'allow')];
  return new Set(values.flatMap((value) => value.toUpperCase().split(/[\s,]+/)).filter((word) => word !== ''));
}

/** What a camera's control URLs are relative to. */
export function baseUriOf(response: RtspResponse, requested: string): string {
  const base = headerOf(response, 'content-base') ?? headerOf(response, 'content-location');
  return base !== undefined && /^rtsps?:\/\/\S+$/i.test(base) ? withoutUserInfo(base) : requested;
}

/**
 * The URI of a track or a session by its `a=control`. A relative one is put behind the whole base, its query included,
 * which is what cameras expect. One that names another host is used as it is: the camera knows itself by it.
 */
export function controlUri(base: string, control: string): string {
  if (control === '' || control === '*') return base;
  if (/^rtsps?:\/\/[\x21-\x7e]+$/i.test(control)) return withoutUserInfo(control);
  const safe = control.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
  return `${base.replace(/\/$/, '')}/${safe.replace(/^\//, '')}`;
}

/** User and password are never part of a request's first line. */
export const withoutUserInfo = (uri: string): string => uri.replace(/^(rtsps?:\/\/)[^/?#]*@/i, '$1');

function portOf(text: string | undefined): number {
  const port = Number(text ?? 0);
  return port <= 65_535 ? port : 0;
}
