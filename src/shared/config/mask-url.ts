import { isSecretName } from './secret-name.js';

const MASK = '***';

const SCHEME = /^[\s\0-\x1f\x7f]*[a-z][a-z0-9+.-]+:\/{0,2}/i;

/** `host`, `host:port`, `[v6]:port`: an authority that certainly holds no user name or password. */
const PLAIN_AUTHORITY = /^(?:\[[0-9a-f:.%]+\]|[^@:[\]\s]*)(?::\d*)?$/i;

/** What stands before a parameter, escaped or not: cameras take parameters in the path as well. */
const SEPARATOR = '(?:[/?#&;]|%(?:2f|3f|23|26|3b))';
const EQUALS = '(?:=|%3d)';
const NAME = `(?:(?!${SEPARATOR}|${EQUALS})[^])*`;
/** Cameras join parameters with other signs, too: `user=NAME_password=WORD_channel=1`. */
const PARAMETER = new RegExp(`(?:^|(?<=${SEPARATOR}|${EQUALS}))(${NAME})(${EQUALS})`, 'gi');
/** A value ends where the next parameter begins; any other separator, and an escaped one, may be part of a secret. */
const NEXT_PARAMETER = /[&;][^/?#&;=]*=/;
/** The same for a parameter that is itself escaped, as one of a URL within a URL. */
const NEXT_ESCAPED_PARAMETER = new RegExp(`(?:[&;]|%26|%3b)${NAME}${EQUALS}`, 'i');

/** User and password of a URL that is a parameter of another, escaped or not. */
const INNER_USER_INFO = /(:\/\/|%3a%2f%2f)(?:(?!%2f|%40)[^/?#&;@\s])+(@|%40)/gi;

/** `/password/WORD`: a path that names the secret which comes next. Only whole names: `/keynote/1` is none. */
const SECRET_SEGMENT =
  /(\/(?:pass(?:word|wd|code|phrase|wort)?|pwd|psw|pw|pin|secret|psk|(?:api|stream|access)?[-_]?key|(?:access|auth)?[-_]?token|auth|bearer|credentials?|sig(?:nature)?|otp|jwt)\/+)(?:(?![&;?#])[^/])+/gi;
/** SRT's stream id holds users and keys in a form that is up to the server; it is all that tells who may publish. */
const SRT_STREAM_ID = /([?&]streamid(?:=|%3d))[^&]*/gi;

/** In running text: up to a space or a quotation mark; an escaped one, as in JSON, is part of it. */
const URL_IN_TEXT = /[a-z][a-z0-9+.-]*:\/\/(?:\\.|[^\s"<>\\])+/gi;

/**
 * The URL with what must not be logged or shown replaced by `***`: user name and password,
 * everything after the application of an RTMP URL (the stream key), the stream id of an SRT URL,
 * parameters that are named like secrets, in path, query and fragment, and what follows a secret's
 * name in a path. When a password holds characters that should
 * have been escaped, more is hidden rather than less. Text that is no URL, such as a file path,
 * comes back as it is.
 */
export function maskUrl(url: string): string {
  const scheme = SCHEME.exec(url)?.[0];
  if (scheme === undefined) return url;
  const location = maskUserInfo(url.slice(scheme.length));
  const kind = scheme.trimStart().toLowerCase();
  const masked = kind.startsWith('rtmp') ? maskStreamKey(location) : location;
  const parameters = kind.startsWith('srt') ? masked.replace(SRT_STREAM_ID, `$1${MASK}`) : masked;
  const segments = kind.startsWith('file') ? parameters : parameters.replace(SECRET_SEGMENT, `$1${MASK}`);
  return scheme + maskParameters(segments).replace(INNER_USER_INFO, `$1${MASK}$2`);
}

/** A target as it may be shown: the stream key masked, whether it stands in the URL or apart; of SRT, the URL alone. */
export function maskTarget({ url, key }: { readonly url: string; readonly key?: string | undefined }): string {
  return maskUrl(key === undefined || /^srt:/i.test(url) ? url : `${url.replace(/\/+$/, '')}/${MASK}`);
}

/** Text, such as a message or a line of a log, with every URL in it masked. */
export function maskUrlsIn(text: string): string {
  return text.includes('://') ? text.replace(URL_IN_TEXT, maskUrl) : text;
}

function maskUserInfo(location: string): string {
  const authority = /^[^/?#]*/.exec(location)?.[0] ?? '';
  const searched = PLAIN_AUTHORITY.test(authority) ? (/^[^?#]*/.exec(location)?.[0] ?? '') : location;
  const at = searched.lastIndexOf('@');
  return at < 0 ? location : `${MASK}${location.slice(at)}`;
}

function maskStreamKey(location: string): string {
  // Behind the application comes the key: as the rest of the path, or in a query without a name of its own.
  const key =
    /^([^/?#]*\/+(?:(?!%2f)[^/?#])*(?:\/|%2f)+)[^]+$/i.exec(location) ??
    /^([^/?#]*\/+[^/?#]*[?#])[^=]+$/.exec(location) ??
    // An application with a query, and the key behind it: `app?x=1/key`.
    /^([^/?#]*\/+[^/?#]*[?#])[^]*\/[^]*$/.exec(location);
  return key?.[1] === undefined ? location : `${key[1]}${MASK}`;
}

function maskParameters(location: string): string {
  let masked = '';
  let copied = 0;
  for (const found of location.matchAll(PARAMETER)) {
    const begin = found.index + found[0].length;
    if (found.index < copied || !isSecretName(found[1] ?? '')) continue;
    const following = found[2] === '=' ? NEXT_PARAMETER : NEXT_ESCAPED_PARAMETER;
    const next = following.exec(location.slice(begin))?.index;
    masked += `${location.slice(copied, begin)}${MASK}`;
    copied = next === undefined ? location.length : begin + next;
  }
  return masked + location.slice(copied);
}
