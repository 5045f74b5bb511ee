import { SUBPROTOCOL, TOKEN_SUBPROTOCOL } from '../shared/signaling/protocol-constants.js';

/** The path of something on this gateway, also where the gateway is in a sub-folder of a proxy. @param path - without a slash at its beginning */
export const at = (path: string): string => new URL(path, document.baseURI).pathname;

/** As {@link at}, of a stream: `streamPath('hall', 'targets')`. Each part is escaped. */
export const streamApi = (streamId: string, ...parts: readonly string[]): string =>
  at(['api/v1/streams', ...[streamId, ...parts].map(encodeURIComponent)].join('/'));

/** The page of a stream. */
export const streamPage = (streamId: string): string => at(`s/${encodeURIComponent(streamId)}`);

/** The page that sends a camera to a stream. */
export const publishPage = (streamId: string): string => at(`publish/${encodeURIComponent(streamId)}`);

/** What the WebSocket asks for: the protocol, and the token of the address of a clean view. */
export function socketProtocols(): string[] {
  const token = new URLSearchParams(location.search).get('token');
  if (token === null) return [];
  const text = btoa(token).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return [SUBPROTOCOL, TOKEN_SUBPROTOCOL + text];
}

/** The WebSocket of the gateway. */
export function socketUrl(): string {
  const url = new URL('ws', document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
