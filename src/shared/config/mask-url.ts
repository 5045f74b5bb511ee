const MASK = '***';

/** `host`, `host:port`, `[v6]:port`: an authority that certainly holds no user name or password. */
const PLAIN_AUTHORITY = /^(?:\[[0-9a-f:.%]+\]|[^@:[\]\s]*)(?::\d*)?$/i;

/** Some cameras take the password as a parameter, in the query or in the path itself. */
const SECRET_PARAMETER = /\b(pass(?:word|wd)?|pwd|token|key|streamkey|secret|auth|signature|sig)=[^&;/?#\s]*/gi;

/**
 * The URL with what must not be logged or shown replaced by `***`: user name and password,
 * everything after the application of an RTMP URL (the stream key), and parameters that are
 * named like secrets. When a password holds characters that should have been escaped, more is
 * hidden rather than less. Text that is no URL, such as a file path, comes back as it is.
 */
export function maskUrl(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0];
  if (scheme === undefined) return url;
  const location = maskUserInfo(url.slice(scheme.length));
  const masked = /^rtmp/i.test(scheme) ? maskStreamKey(location) : location;
  return scheme + masked.replace(SECRET_PARAMETER, `$1=${MASK}`);
}

function maskUserInfo(location: string): string {
  const authority = /^[^/?#]*/.exec(location)?.[0] ?? '';
  const searched = PLAIN_AUTHORITY.test(authority) ? (/^[^?#]*/.exec(location)?.[0] ?? '') : location;
  const at = searched.lastIndexOf('@');
  return at < 0 ? location : `${MASK}${location.slice(at)}`;
}

function maskStreamKey(location: string): string {
  const key = /^([^/?#]*\/+[^/?#]*\/+)[^]+$/.exec(location);
  return key?.[1] === undefined ? location : `${key[1]}${MASK}`;
}
