/** What a form asks for a source. */
export interface SourceFields {
  /** Without user and password. */
  readonly url: string;
  /** Empty where there is none. */
  readonly user: string;
  /** Empty where there is none. */
  readonly password: string;
}

/**
 * Takes user and password out of a URL that was pasted; the password may hold any character but `@` in the host's part.
 * What is in the URL wins over what was typed.
 */
export function splitCredentials({ url, user, password }: SourceFields): SourceFields {
  const trimmed = url.trim();
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/\s]*)@([^@]*)$/i.exec(trimmed);
  const [, scheme, credentials, rest] = match ?? [];
  if (scheme === undefined || credentials === undefined || rest === undefined) return { url: trimmed, user, password };
  const colon = credentials.indexOf(':');
  const [name, secret] =
    colon < 0 ? [credentials, password] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  return { url: scheme + rest, user: decode(name), password: colon < 0 ? secret : decode(secret) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A name for a stream out of the host of its source that no other has: `camera`, `camera-2`. */
export function suggestId(url: string, taken: readonly string[]): string {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:?#]+)/i.exec(url)?.[1] ?? '';
  const isAddress = /^[\d.]+$/.test(host);
  const base = (isAddress ? 'camera' : host.split('.')[0])?.replace(/[^a-z0-9-]/gi, '').replace(/^-+/, '') || 'camera';
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.includes(id)) return id;
  }
}

/** The `source` of a configuration. */
export const sourceOf = ({ url, user, password }: SourceFields): Record<string, string> => ({
  url,
  ...(user !== '' && { user }),
  ...(password !== '' && { password }),
});
