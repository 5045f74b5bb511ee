import { SUBPROTOCOL, TOKEN_SUBPROTOCOL } from '../shared/signaling/protocol-constants.js';

/** Another host of the cluster that the page goes on with. */
interface OtherHost {
  /** Its page and API, with a slash at the end. */
  readonly base: string;
  /** What this browser shows there; absent where it needs nothing. */
  readonly pass: string | undefined;
}

let otherHost: OtherHost | undefined;

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

/** What the gateway is reached below that the page works with now. */
export const currentBase = (): string => otherHost?.base ?? document.baseURI;

/**
 * The page goes on with this host of the cluster, or with the one that it came from.
 *
 * @param pass - what this browser shows there; absent where it needs nothing
 */
export function workWith(url: string, pass: string | undefined): void {
  const base = withSlash(url);
  otherHost = new URL(base).href === new URL(document.baseURI).href ? undefined : { base, pass };
}

/** The host that runs the stream of the page, where the page gets its media from another one. */
let runner: OtherHost | undefined;

/**
 * What is asked of the stream of the page goes to this host; absent: to the one that the page works with.
 *
 * @param pass - what this browser shows there; absent where it needs nothing
 */
export function runsAt(url: string | undefined, pass: string | undefined): void {
  runner = url === undefined ? undefined : { base: withSlash(url), pass };
}

/** What says who this is, where the cookie is for another host. */
export function authorization(): Readonly<Record<string, string>> {
  const pass = otherHost?.pass ?? runner?.pass;
  return pass === undefined ? {} : { authorization: `Bearer ${pass}` };
}

/** The address of something on the gateway, also where that is in a sub-folder of a proxy. @param path - without a slash at its beginning */
export const at = (path: string): string =>
  otherHost ? new URL(path, otherHost.base).href : new URL(path, document.baseURI).pathname;

/** As {@link at}, of a stream: `streamPath('hall', 'targets')`. Each part is escaped. */
export function streamApi(streamId: string, ...parts: readonly string[]): string {
  const path = ['api/v1/streams', ...[streamId, ...parts].map(encodeURIComponent)].join('/');
  return runner ? new URL(path, runner.base).href : at(path);
}

/** A page of the gateway; another host is told behind # who this is. */
const page = (path: string): string =>
  otherHost?.pass === undefined ? at(path) : `${at(path)}#token=${otherHost.pass}`;

/** The page of a stream. */
export const streamPage = (streamId: string): string => page(`s/${encodeURIComponent(streamId)}`);

/** The page that sends a camera to a stream. */
export const publishPage = (streamId: string): string => page(`publish/${encodeURIComponent(streamId)}`);

/** What the WebSocket asks for: the protocol, and the token of the address of a clean view. */
export function socketProtocols(): string[] {
  const token = new URLSearchParams(location.search).get('token') ?? otherHost?.pass;
  if (token === undefined) return [];
  const text = btoa(token).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return [SUBPROTOCOL, TOKEN_SUBPROTOCOL + text];
}

/** The WebSocket of the gateway. */
export function socketUrl(): string {
  const url = new URL('ws', currentBase());
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
