import type { IceServer } from '../../shared/signaling/protocol.js';

/** The headers `Link` that hand STUN and TURN servers to a client (RFC 9725, 4.6). */
export const iceLinks = (servers: readonly IceServer[]): string[] =>
  servers.flatMap(({ urls, username, credential }) =>
    urls.map((url) =>
      [
        `<${url}>; rel="ice-server"`,
        ...(username === undefined ? [] : [`username="${quoted(username)}"`]),
        ...(credential === undefined ? [] : [`credential="${quoted(credential)}"; credential-type="password"`]),
      ].join('; '),
    ),
  );

/** For a quoted string of HTTP. */
const quoted = (text: string): string => text.replace(/["\\]/g, (character) => `\\${character}`);
