import { readFile } from 'node:fs/promises';
import type { SourceConfig } from '../../../shared/config/schema.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { OnvifKeyframesOptions } from '../../onvif/onvif-keyframes.adapter.js';
import type { TlsPolicy } from '../../rtsp/rtsp-connection.adapter.js';
import type { RtspSourceOptions } from '../../rtsp/rtsp-source.adapter.js';
import { normaliseFingerprint } from '../../rtsp/tls-check.js';
import type { RtspLocation } from './source-location.js';

/**
 * How a camera is asked, by the configuration of its stream.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where `source.tls.caFile` cannot be read
 */
export async function cameraOptions(
  { location, user, password }: RtspLocation,
  { url, transport, timeoutS, track, tls }: SourceConfig,
): Promise<Omit<RtspSourceOptions, 'lackOf' | 'signal'>> {
  return {
    url: location,
    shownUrl: url,
    ...(user === '' && password === '' ? {} : { credentials: { user, password } }),
    transport,
    timeoutS,
    tls: await tlsPolicy(tls),
    wish: track,
  };
}

/** Where and as whom a camera is asked over ONVIF; `undefined` where that is not wanted. */
export function onvifOptions(
  { location, user, password }: RtspLocation,
  { onvif }: Pick<SourceConfig, 'onvif'>,
): Pick<OnvifKeyframesOptions, 'url' | 'credentials'> | undefined {
  if (onvif === false) return undefined;
  const own = onvif === true ? undefined : onvif;
  const credentials = { user: own?.username ?? user, password: own?.password ?? password };
  return {
    url: own?.url ?? `http://${hostOf(location)}/onvif/device_service`,
    ...(credentials.user === '' && credentials.password === '' ? {} : { credentials }),
  };
}

/** Of `rtsp://host:554/path`; an IPv6 address in its brackets. */
const hostOf = (location: string): string => /^rtsps?:\/\/(\[[^\]]*\]|[^/:?]*)/i.exec(location)?.[1] ?? '';

/**
 * How certificates are checked, by `source.tls`.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where `source.tls.caFile` cannot be read
 */
export async function tlsPolicy({ verify, fingerprint, caFile }: SourceConfig['tls']): Promise<TlsPolicy> {
  const digits = fingerprint === undefined ? undefined : normaliseFingerprint(fingerprint);
  return {
    verify,
    ...(digits === undefined ? {} : { fingerprint: digits }),
    ...(caFile === undefined ? {} : { ca: await readAuthorities(caFile) }),
  };
}

async function readAuthorities(path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (cause) {
    throw new DiptychError(
      'DIPTYCH_E_CONFIG',
      `source.tls.caFile: ${path} cannot be read; check the path and its rights`,
      {
        cause,
      },
    );
  }
  throw new DiptychError('DIPTYCH_E_CONFIG', `source.tls.caFile: ${path} has no certificate in PEM form`);
}
