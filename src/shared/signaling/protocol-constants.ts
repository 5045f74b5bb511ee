/** Raised when a client of the former version could not go on; see protocol.ts. */
export const PROTOCOL_VERSION = 2;

/** Why the gateway closed a WebSocket, besides the codes of RFC 6455. */
export const CLOSE_CODES = {
  goingAway: 1001,
  policy: 1008,
  restart: 1012,
  version: 4000,
  signedOut: 4001,
} as const;

/** The subprotocol of the WebSocket; it may be left out. */
export const SUBPROTOCOL = 'diptych';

/** Before a token, in base64url, that is sent as another subprotocol: scripts of pages can set no header of a WebSocket. */
export const TOKEN_SUBPROTOCOL = 'diptych.token.';
