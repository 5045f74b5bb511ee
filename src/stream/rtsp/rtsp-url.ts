/** Where an RTSP server is. */
export interface RtspUrl {
  /** `rtsps://`. */
  readonly isTls: boolean;
  /** A name or an address, without brackets. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** For the first line of a request: without user, password and fragment. */
  readonly uri: string;
}

const PARTS = /^(rtsps?):\/\/(?:[^/?#]*@)?(\[[0-9a-f:.%]+\]|[^/?#:@\s]+)(?::(\d{1,5}))?([/?][^#\s]*)?(?:#\S*)?$/i;
/** RFC 2326 and RFC 7826; cameras name another one for TLS in the URL. */
const PORT = 554;
const TLS_PORT = 322;

/** Takes a URL apart; `undefined` where it is none of an RTSP server. */
export function parseRtspUrl(url: string): RtspUrl | undefined {
  const found = PARTS.exec(url);
  if (!found) return undefined;
  const [, scheme = '', host = '', portText, path = ''] = found;
  const isTls = scheme.toLowerCase() === 'rtsps';
  const port = portText === undefined ? (isTls ? TLS_PORT : PORT) : Number(portText);
  if (port < 1 || port > 65_535) return undefined;
  const authority = portText === undefined ? host : `${host}:${portText}`;
  const safePath = path.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character));
  return { isTls, host: host.replace(/^\[|\]$/g, ''), port, uri: `${scheme.toLowerCase()}://${authority}${safePath}` };
}
