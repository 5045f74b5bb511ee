import { explainControlCharacters } from '../../../shared/config/url-characters.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { SourceConfig } from '../../../shared/config/schema.js';

/** A camera. */
export interface RtspLocation {
  /** Tells the kinds of locations apart. */
  readonly kind: 'rtsp';
  /** Without user and password. */
  readonly location: string;
  /** Not escaped; empty: none. */
  readonly user: string;
  /** Not escaped; empty: none. */
  readonly password: string;
}

/** Where pictures come from, taken apart. */
export type SourceLocation =
  | RtspLocation
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'test'; readonly width: number; readonly height: number; readonly fps: number };

const TEST_PICTURE = { width: 1280, height: 720, fps: 30 };
const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const RTSP = /^(rtsps?:\/\/)(?:([^/?#]*)@)?([^/?#@]+)(.*)$/is;

/**
 * Reads `source.url`. User and password are taken out of the URL, so that they reach GStreamer as
 * they are; the separate fields win over those in the URL.
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` for anything that is not a source.
 */
export function parseSourceLocation(config: Pick<SourceConfig, 'url' | 'user' | 'password'>): SourceLocation {
  const { url } = config;
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'rtsp':
    case 'rtsps':
      return parseRtsp(config);
    case 'test':
      return { kind: 'test', ...TEST_PICTURE };
    case 'file':
      return { kind: 'file', path: filePath(url) };
    case undefined:
      return { kind: 'file', path: url };
    default:
      throw new DiptychError(
        'DIPTYCH_E_CONFIG',
        `source.url: a source cannot be ${scheme}:…; use rtsp://, rtsps://, file:///path, a plain path or test:`,
      );
  }
}

function parseRtsp({ url, user, password }: Pick<SourceConfig, 'url' | 'user' | 'password'>): SourceLocation {
  const [, scheme = '', userInfo = '', host = '', rest = ''] = RTSP.exec(url) ?? [];
  if (host === '') {
    throw new DiptychError('DIPTYCH_E_CONFIG', 'source.url: no host after rtsp://; use rtsp://host[:port]/path');
  }
  // A colon may be part of the password, not of the user name.
  const colon = userInfo.indexOf(':');
  const urlUser = colon < 0 ? userInfo : userInfo.slice(0, colon);
  const urlPassword = colon < 0 ? '' : userInfo.slice(colon + 1);
  return {
    kind: 'rtsp',
    location: `${scheme.toLowerCase()}${host}${rest}`,
    user: user ?? plainPart('user name', urlUser),
    password: password ?? plainPart('password', urlPassword),
  };
}

/** Escapes stand for characters that begin a line of a request as well. */
function plainPart(name: string, escaped: string): string {
  const text = unescapePart(escaped);
  const problem = explainControlCharacters(text);
  if (problem !== undefined) throw new DiptychError('DIPTYCH_E_CONFIG', `source.url: of the ${name}, ${problem}`);
  return text;
}

/** `%21` → `!`; text with a `%` that escapes nothing was never escaped, and stays. */
function unescapePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function filePath(url: string): string {
  const match = /^file:\/\/(?:localhost)?(\/.*)$/is.exec(url);
  if (match?.[1] === undefined) {
    throw new DiptychError('DIPTYCH_E_CONFIG', 'source.url: expected file:///path (three slashes) or a plain path');
  }
  return unescapePart(match[1]);
}
