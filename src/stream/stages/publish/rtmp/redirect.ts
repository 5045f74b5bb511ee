import { DiptychError } from '../../../../shared/domain/errors.js';
import { parseRtmpLocation, type RtmpLocation } from '../../../../shared/rtmp/location.js';

/**
 * Where a server sends us: the application at another address, with the same stream key. User and
 * password go to no other host.
 *
 * @param url - `ex.redirect` of the server: `rtmp://host/app`, with or without the key behind it
 * @param from - who said so
 * @throws {@link DiptychError} `DIPTYCH_E_TARGET` where it is no RTMP address, or would send the key in the clear
 */
export function redirectedLocation(url: string, from: RtmpLocation): RtmpLocation {
  const { user, password, ...rest } = from;
  let to: RtmpLocation;
  try {
    to = parseRtmpLocation({ url, key: from.stream });
  } catch (cause) {
    throw refused('to an address that is no RTMP server; use the address that the platform names', cause);
  }
  if (from.scheme === 'rtmps' && to.scheme === 'rtmp') {
    throw refused(
      `from rtmps to rtmp://${to.host}, where the stream key would be sent in the clear; use that address itself if that is meant`,
    );
  }
  const isSameHost = to.host === from.host;
  return {
    ...rest,
    ...{ scheme: to.scheme, host: to.host, port: to.port },
    application: withoutKey(to.application, from.stream),
    ...(isSameHost && user !== undefined && { user }),
    ...(isSameHost && password !== undefined && { password }),
  };
}

/** Some servers name the stream as well. */
function withoutKey(application: string, stream: string): string {
  for (const key of [stream, stream.replace(/\?[^]*$/, '')]) {
    if (key !== '' && application.endsWith(`/${key}`)) return application.slice(0, -key.length - 1);
  }
  return application;
}

const refused = (what: string, cause?: unknown): DiptychError =>
  new DiptychError('DIPTYCH_E_TARGET', `the server redirects ${what}`, { cause });
