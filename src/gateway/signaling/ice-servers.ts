import { createHmac } from 'node:crypto';
import type { IceServerConfig } from '../../shared/config/webrtc-schema.js';
import type { IceServer } from '../../shared/signaling/protocol.js';

/** For whom, and until when. */
export interface IceCredentialOptions {
  /** Wall clock, seconds since 1970; a TURN server compares the end with its own. */
  readonly nowS: number;
  /** Part of the user name, for the log of the TURN server: letters and digits. */
  readonly name: string;
}

/**
 * STUN and TURN servers as a browser takes them. A server with a shared secret takes user names that begin with the
 * time at which they expire, and the HMAC of the name as the password (draft-uberti-behave-turn-rest-00, coturn's
 * `use-auth-secret`).
 */
export function iceServersFor(servers: readonly IceServerConfig[], { nowS, name }: IceCredentialOptions): IceServer[] {
  return servers.map(({ urls, secret, validS, username, credential }) => {
    if (secret === undefined) {
      return { urls, ...(username !== undefined && credential !== undefined && { username, credential }) };
    }
    const expiring = `${Math.floor(nowS) + validS}:${name}`;
    return { urls, username: expiring, credential: createHmac('sha1', secret).update(expiring).digest('base64') };
  });
}

/** `Link` headers of WHIP and WHEP (RFC 9725, 4.6): one for each URL. */
export function iceServerLinks(servers: readonly IceServer[]): string[] {
  return servers.flatMap(({ urls, username, credential }) =>
    urls.map((url) => {
      const secrets =
        username === undefined || credential === undefined
          ? ''
          : `; username=${quoted(username)}; credential=${quoted(credential)}; credential-type="password"`;
      return `<${url}>; rel="ice-server"${secrets}`;
    }),
  );
}

/** A header has ASCII only; what is not is escaped as in a URL. */
const quoted = (text: string): string =>
  `"${text.replace(/["\\]/g, '\\$&').replace(/[^\x20-\x7e]+/g, (rest) => encodeURIComponent(rest))}"`;
