import { DiptychError } from '../domain/errors.js';

/** Where and what to publish, in the parts that RTMP sends apart. */
export interface RtmpLocation {
  /** `rtmps` is RTMP within TLS. */
  readonly scheme: 'rtmp' | 'rtmps';
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** May have several parts and a query, such as `live/instance` or `app?token=x`. */
  readonly application: string;
  /** The stream key with its query: a secret. Never empty. */
  readonly stream: string;
  /** Of the connection, where the server asks for it. */
  readonly user?: string;
  /** Secret. */
  readonly password?: string;
}

/** A target as it is configured. */
export interface RtmpAddress {
  /** `rtmp://host[:port]/app[/instance][/key]`; the key only where there is no `key`. */
  readonly url: string;
  /** Stream key, sent as it is. */
  readonly key?: string;
}

const DEFAULT_PORT = { rtmp: 1935, rtmps: 443 };
const URL_PARTS = /^(rtmps?):\/\/(?:([^@/?#]*)@)?(\[[^\]/]+\]|[^:/?#]+)(?::(\d+))?\/+([^]*)$/i;

/**
 * Splits the address of a target. Without a `key`:
 *
 * - `/app/key`, `/app/instance/key`: the key is what follows the last slash of the path.
 * - `/app/key?sig=aB/cD`: the query belongs to the key, slashes and all.
 * - `/app/?streamname=x&key=y`: the query is the key.
 * - `/app?x=1/key`: an application with a query; the key follows the last slash (before a second query).
 *
 * Nothing is decoded: keys go out as they were written.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where it has no host, application or key
 */
export function parseRtmpLocation({ url, key }: RtmpAddress): RtmpLocation {
  const [, scheme = '', userInfo, host = '', port, rest = ''] = URL_PARTS.exec(url) ?? [];
  const parts = key === undefined ? splitKey(rest) : { application: rest.replace(/\/+$/, ''), stream: key };
  const { application, stream } = parts;
  if (host === '' || application === '' || stream === '') {
    throw new DiptychError(
      'DIPTYCH_E_CONFIG',
      'a target needs host, application and stream key: rtmp://host/app/key, or rtmp://host/app and the option key',
    );
  }
  const lower = scheme.toLowerCase() === 'rtmps' ? 'rtmps' : 'rtmp';
  return {
    ...{ scheme: lower, host: host.replace(/^\[|\]$/g, ''), application, stream },
    port: port === undefined ? DEFAULT_PORT[lower] : Number(port),
    ...userOf(userInfo),
  };
}

/** The URL that the server is told (`tcUrl`), without the key. */
export function connectUrl({ scheme, host, port, application }: RtmpLocation): string {
  const authority = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${authority}${port === DEFAULT_PORT[scheme] ? '' : `:${port}`}/${application}`;
}

function splitKey(rest: string): Pick<RtmpLocation, 'application' | 'stream'> {
  const query = rest.indexOf('?');
  const path = query < 0 ? rest : rest.slice(0, query);
  const slash = path.lastIndexOf('/');
  if (slash >= 0) return cut(rest, slash);
  if (query < 0) return { application: rest, stream: '' };
  const secondQuery = rest.indexOf('?', query + 1);
  return cut(rest, rest.lastIndexOf('/', secondQuery < 0 ? undefined : secondQuery));
}

function cut(text: string, slash: number): Pick<RtmpLocation, 'application' | 'stream'> {
  if (slash < 0) return { application: text, stream: '' };
  return { application: text.slice(0, slash).replace(/\/+$/, ''), stream: text.slice(slash + 1) };
}

function userOf(userInfo: string | undefined): Pick<RtmpLocation, 'user' | 'password'> {
  if (userInfo === undefined || userInfo === '') return {};
  const colon = userInfo.indexOf(':');
  if (colon < 0) return { user: decode(userInfo) };
  return { user: decode(userInfo.slice(0, colon)), password: decode(userInfo.slice(colon + 1)) };
}

/** A `%` that begins no escape stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
