import { explainSrtUrl, isSrtUrl } from '../srt/location.js';
import { explainControlCharacters, explainUrlCharacters } from './url-characters.js';

/** The URL of a camera, taken apart. */
export interface CameraUrl {
  /** Without user and password. */
  readonly location: string;
  /** Not escaped; empty: none. */
  readonly user: string;
  /** Not escaped; empty: none. */
  readonly password: string;
}

/** What a source may be beside a plain path, which has no scheme. */
const SCHEMES: readonly string[] = ['rtsp', 'rtsps', 'http', 'https', 'srt', 'v4l2', 'whip', 'file', 'test'];
const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const FILE = /^file:\/\/(?:localhost)?(\/.*)$/is;
const CAMERA = /^(?:rtsps?|https?):/i;
const PUBLISHED = /^whip:/i;
/** All of the URL of a source that is published to this gateway. */
const PUBLISHED_URL = 'whip:';
const TEST_OF_PEOPLE = /^test:people$/i;
const DEVICE = /^v4l2:(?:\/\/)?(\/dev\/(?!(?:.*\/)?\.\.?(?:\/|$))[^/].*)$/is;
const PARTS = /^((?:rtsps?|https?):\/\/)(?:([^/?#]*)@)?([^/?#@]*)(.*)$/is;
/** A name or an address, and perhaps a port. */
const HOST = /^(\[[0-9a-f:.%]+\]|[^:[\]@]+)(?::(\d{1,5}))?$/i;
/** What follows an `@` that ends user and password: an address, or a name with a dot or a port. */
const HOST_AFTER_AT = /@(?:\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)+|[\w-]+:\d{1,5}|localhost)(?::\d{1,5})?(?:[/?]|$)/i;
const FIELDS = 'put user and password into source.user and source.password, where no character needs escaping';

/** Whether a source is what somebody publishes to this gateway by WHIP. */
export const isPublishedSource = (url: string): boolean => PUBLISHED.test(url);

/** The file of the device that a source is, such as `/dev/video0`; `undefined` where it is none. */
export const deviceOf = (url: string): string | undefined => DEVICE.exec(url)?.[1];

/** Takes the URL of a camera apart; `undefined` where {@link explainSourceUrl} has something to say. */
export function parseCameraUrl(url: string): CameraUrl | undefined {
  const [, scheme = '', userInfo = '', host = '', rest = ''] = PARTS.exec(url) ?? [];
  if (!isHost(host)) return undefined;
  // A colon may be part of the password, not of the user name.
  const colon = userInfo.indexOf(':');
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
  const password = colon < 0 ? '' : userInfo.slice(colon + 1);
  return {
    location: `${scheme.toLowerCase()}${host}${rest}`,
    user: unescapePart(user),
    password: unescapePart(password),
  };
}

/**
 * What is wrong with the URL of a source, in words without the URL itself, which may hold secrets; `undefined` where
 * nothing is.
 */
export function explainSourceUrl(url: string): string | undefined {
  const problem = explainUrlCharacters(url) ?? explainScheme(url);
  if (problem !== undefined) return problem;
  if (isSrtUrl(url)) return explainSrtUrl(url);
  if (!CAMERA.test(url)) return undefined;
  const [, scheme = '', , host = '', rest = ''] = PARTS.exec(url) ?? [];
  const form = `use ${schemeOf(url) ?? 'rtsp'}://host[:port]/path, with a port from 1 to 65535`;
  if (scheme === '') return `no "//" after "${schemeOf(url) ?? 'rtsp'}:"; ${form}`;
  if (isUnescaped(host, rest)) {
    return `an unescaped "#", "/", "?" or "@" in the user name or password ends it there; ${FIELDS}`;
  }
  if (host === '') return `no host after ${scheme.toLowerCase()}; ${form}`;
  const camera = parseCameraUrl(url);
  if (!camera || !isUrl(camera.location)) return `host or port is not one; ${form}`;
  const userProblem = explainControlCharacters(camera.user);
  if (userProblem !== undefined) return `of the user name, ${userProblem}`;
  const passwordProblem = explainControlCharacters(camera.password);
  return passwordProblem === undefined ? undefined : `of the password, ${passwordProblem}`;
}

/** The scheme of a source in small letters; `undefined` for a plain path. */
export const schemeOf = (url: string): string | undefined => SCHEME.exec(url)?.[1]?.toLowerCase();

/** The file that a source is; `undefined` where it is none. */
export function sourceFile(url: string): string | undefined {
  const scheme = schemeOf(url);
  if (scheme === undefined) return url;
  const path = scheme === 'file' ? FILE.exec(url)?.[1] : undefined;
  return path === undefined ? undefined : unescapePart(path);
}

/** Whether a source is the scene with people that the demo plays. */
export const isTestOfPeople = (url: string): boolean => TEST_OF_PEOPLE.test(url);

function explainTest(url: string): string | undefined {
  if (isTestOfPeople(url) || url.length === 'test:'.length) return undefined;
  return 'there is no such test picture; use test:people for two people who move, or test: for colour bars';
}

function explainScheme(url: string): string | undefined {
  const scheme = schemeOf(url);
  if (scheme === undefined) return undefined;
  if (!SCHEMES.includes(scheme)) {
    return `a source cannot be ${scheme}:…; use rtsp://, rtsps://, http://, https://, srt://, v4l2:/dev/video0, whip:, file:///path, a plain path, test:people or test:`;
  }
  if (scheme === 'whip' && url.length > PUBLISHED_URL.length) {
    return 'nothing follows "whip:"; whoever publishes names the stream: /whip/ and its id, or the page /publish/ and its id';
  }
  if (scheme === 'test') return explainTest(url);
  if (scheme === 'v4l2' && deviceOf(url) === undefined) {
    return 'a V4L2 device is named by its file, such as v4l2:/dev/video0; diptych doctor lists those of this machine';
  }
  return scheme === 'file' && !FILE.test(url) ? 'expected file:///path (three slashes) or a plain path' : undefined;
}

/** `%21` → `!`; text with a `%` that escapes nothing was never escaped, and stays. */
export function unescapePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Whether what looks like the host is the user name: it has no port that is one, or it has, and what follows the next
 * `@` is a host. A camera may have an `@` in its path.
 */
function isUnescaped(host: string, rest: string): boolean {
  if (!rest.includes('@')) return false;
  if (!isHost(host)) return true;
  const isPlainHost = !host.includes(':') || host.includes('.') || host.startsWith('[');
  return HOST_AFTER_AT.test(rest) && !isPlainHost;
}

/** Whether what asks by HTTP takes it; RTSP's URLs are as these. */
const isUrl = (location: string): boolean => !/^https?:/i.test(location) || URL.canParse(location);

function isHost(text: string): boolean {
  const [, name, port] = HOST.exec(text) ?? [];
  return name !== undefined && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}

/** An IPv4 address, with a port or a path behind it. */
const ADDRESS_ALONE = /^(?:[^/@\s]+@)?\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:\/|$)/;

/** Why a source that is taken for a file is most likely an address, and what to write; `undefined` for other sources. */
export function explainBareAddress(url: string): string | undefined {
  const path = sourceFile(url);
  if (path === undefined || path !== url || !ADDRESS_ALONE.test(path)) return undefined;
  return 'an address begins with its protocol: write rtsp:// before it, or http://, as the manual of the camera says';
}
