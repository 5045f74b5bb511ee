import {
  deviceOf,
  explainSourceUrl,
  isPublishedSource,
  isTestOfPeople,
  parseCameraUrl,
  schemeOf,
  sourceFile,
} from '../../../shared/config/source-url.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { SourceConfig } from '../../../shared/config/schema.js';
import { explainPassphrase, isSrtUrl, parseSrtLocation, type SrtLocation } from '../../../shared/srt/location.js';

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

/** What is asked for by HTTP. */
export interface HttpLocation extends Omit<RtspLocation, 'kind'> {
  /** Tells the kinds of locations apart. */
  readonly kind: 'http';
}

/** Where pictures come from, taken apart. */
export type SourceLocation =
  | RtspLocation
  | HttpLocation
  | { readonly kind: 'srt'; readonly srt: SrtLocation }
  | { readonly kind: 'v4l2'; readonly device: string }
  | { readonly kind: 'whip' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'people' }
  | { readonly kind: 'test'; readonly width: number; readonly height: number; readonly fps: number };

/** A location for which there is a graph: a clip that is drawn first is a file then. */
export type PlayableLocation = Exclude<SourceLocation, { readonly kind: 'people' }>;

const TEST_PICTURE = { width: 1280, height: 720, fps: 30 };

/**
 * Reads `source.url`. User and password are taken out of the URL, so that they reach GStreamer as
 * they are; the separate fields win over those in the URL.
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` for anything that is not a source.
 */
export function parseSourceLocation(config: Pick<SourceConfig, 'url' | 'user' | 'password'>): SourceLocation {
  const { url } = config;
  const problem = explainSourceUrl(url);
  if (problem !== undefined) throw new DiptychError('DIPTYCH_E_CONFIG', `source.url: ${problem}`);
  const path = sourceFile(url);
  if (path !== undefined) return { kind: 'file', path };
  if (isPublishedSource(url)) return { kind: 'whip' };
  if (isSrtUrl(url)) return parseSrt(config);
  const device = deviceOf(url);
  if (device !== undefined) return { kind: 'v4l2', device };
  if (isTestOfPeople(url)) return { kind: 'people' };
  return schemeOf(url) === 'test' ? { kind: 'test', ...TEST_PICTURE } : parseCamera(config);
}

function parseCamera({ url, user, password }: Pick<SourceConfig, 'url' | 'user' | 'password'>): SourceLocation {
  const camera = parseCameraUrl(url);
  if (!camera) throw new DiptychError('DIPTYCH_E_CONFIG', 'source.url: this is no URL of a camera');
  return {
    kind: /^http/i.test(url) ? 'http' : 'rtsp',
    location: camera.location,
    user: user ?? camera.user,
    password: password ?? camera.password,
  };
}

/** Of SRT, `source.password` is the passphrase, and wins over that in the URL. */
function parseSrt({ url, password }: Pick<SourceConfig, 'url' | 'password'>): SourceLocation {
  const srt = parseSrtLocation(url);
  if (!srt) throw new DiptychError('DIPTYCH_E_CONFIG', 'source.url: this is no SRT address');
  const problem = explainPassphrase(password ?? srt.passphrase);
  if (problem !== undefined) throw new DiptychError('DIPTYCH_E_CONFIG', `source.password: ${problem}`);
  return { kind: 'srt', srt: { ...srt, ...(password !== undefined && { passphrase: password }) } };
}
