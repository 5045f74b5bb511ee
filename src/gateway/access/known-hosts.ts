import { isIP } from 'node:net';

/**
 * Whether a request was sent to one of this gateway's own names. A page of any site can have its name
 * resolve to this machine after it was loaded (DNS rebinding) and is then of the gateway's own origin
 * for the browser; only the header `Host` (RFC 9110, section 7.2) still tells. An address cannot be
 * rebound, so every IP address passes, as does `localhost` (RFC 6761, section 6.3).
 *
 * @param host - the header `Host`, with or without a port
 * @param names - lower-case host names; `*` stands for all
 */
export function isKnownHost(host: string | undefined, names: ReadonlySet<string>): boolean {
  if (names.has('*')) return true;
  // Only HTTP/1.0, which no browser speaks, may leave it out.
  if (host === undefined) return true;
  const name = hostName(host);
  if (name === undefined) return false;
  return isAddress(name) || name === 'localhost' || name.endsWith('.localhost') || names.has(name);
}

/** The names that this gateway answers to besides addresses, lower-case. @param given - host names, addresses or nothing */
export function namesOf(given: readonly (string | undefined)[]): ReadonlySet<string> {
  const names = given.flatMap((name) => (name === undefined || name === '' ? [] : [name.toLowerCase()]));
  // Machines in a local network are found by their name with `.local` (RFC 6762).
  return new Set(names.flatMap((name) => (/^[\w-]+$/.test(name) ? [name, `${name}.local`] : [name])));
}

/** Name or address of a `Host` header, lower-case, without port and last dot; `undefined` where it is none. */
function hostName(host: string): string | undefined {
  if (/[/?#@\\\s]/.test(host)) return undefined;
  try {
    return new URL(`http://${host}`).hostname.replace(/\.$/, '');
  } catch {
    return undefined;
  }
}

const isAddress = (name: string): boolean => isIP(name.replace(/^\[|\]$/g, '')) !== 0;
