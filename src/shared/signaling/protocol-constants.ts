/** Raised when a client of the former version could not go on; see protocol.ts. */
export const PROTOCOL_VERSION = 2;

/** Why the gateway closed a WebSocket, besides the codes of RFC 6455. */
export const CLOSE_CODES = {
  goingAway: 1001,
  policy: 1008,
  restart: 1012,
  version: 4000,
} as const;
