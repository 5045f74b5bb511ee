import { explainSourceUrl, parseCameraUrl, unescapePart } from '../../../shared/config/source-url.js';
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
  const problem = explainSourceUrl(url);
  const camera = parseCameraUrl(url);
  if (problem !== undefined || !camera) {
    throw new DiptychError('DIPTYCH_E_CONFIG', `source.url: ${problem ?? 'this is no URL of a camera'}`);
  }
  return {
    kind: 'rtsp',
    location: camera.location,
    user: user ?? camera.user,
    password: password ?? camera.password,
  };
}

function filePath(url: string): string {
  const match = /^file:\/\/(?:localhost)?(\/.*)$/is.exec(url);
  if (match?.[1] === undefined) {
    throw new DiptychError('DIPTYCH_E_CONFIG', 'source.url: expected file:///path (three slashes) or a plain path');
  }
  return unescapePart(match[1]);
}
