import { DiptychError } from '../../../shared/domain/errors.js';
import type { BusMessage } from '../../native/types.js';

type BusError = Extract<BusMessage, { type: 'error' | 'warning' }>;

/** Codes of GStreamer's `GstResourceError` and `GstCoreError` that mean something here. */
const RESOURCE_NOT_FOUND = 3;
const RESOURCE_NOT_AUTHORIZED = 15;
const CORE_MISSING_PLUGIN = 12;

/**
 * Whether a warning says that an RTSP server closed the connection. The EOS that comes with it does not leave the
 * graph, where it waits for branches that are not in use.
 */
export function isEndOfConnection({ domain, debug }: BusError): boolean {
  return domain === 'gst-resource-error-quark' && debug.includes('server closed the connection');
}

/** Whether something has to be installed. */
export const isMissingPlugin = ({ domain, code }: BusError): boolean =>
  domain === 'gst-core-error-quark' && code === CORE_MISSING_PLUGIN;

/**
 * A source without a stream of pictures that a branch of the graph takes.
 *
 * @param source - its URL with secrets masked
 */
export function noVideoError(source: string): DiptychError {
  return new DiptychError(
    'DIPTYCH_E_SOURCE_FORMAT',
    `${source} sends no video that can be decoded here; set the camera to H.264, H.265 or Motion JPEG`,
  );
}

/**
 * What an error on the bus of an ingest graph means to the user.
 *
 * @param source - its URL with secrets masked
 */
export function explainSourceError(error: BusError, source: string): DiptychError {
  const said = `${error.element}: ${error.text}`;
  if (error.domain === 'gst-resource-error-quark') {
    if (error.code === RESOURCE_NOT_AUTHORIZED) {
      return new DiptychError(
        'DIPTYCH_E_SOURCE_AUTH',
        `${source} refused the user name or password; check source.user and source.password`,
      );
    }
    if (error.code === RESOURCE_NOT_FOUND) {
      return new DiptychError(
        'DIPTYCH_E_SOURCE_UNREACHABLE',
        `${source} is not there (${said}); check the path in source.url`,
      );
    }
    return new DiptychError(
      'DIPTYCH_E_SOURCE_UNREACHABLE',
      `${source} could not be reached (${said}); check host, port and source.transport`,
    );
  }
  if (isMissingPlugin(error)) {
    return new DiptychError(
      'DIPTYCH_E_SOURCE_FORMAT',
      `${source} needs a GStreamer plugin that is not installed (${said}); install gstreamer1.0-libav and gstreamer1.0-plugins-bad`,
    );
  }
  if (error.domain === 'gst-stream-error-quark' || error.domain === 'gst-core-error-quark') {
    return new DiptychError('DIPTYCH_E_SOURCE_FORMAT', `${source} sends something that cannot be decoded (${said})`);
  }
  return new DiptychError('DIPTYCH_E_GRAPH', `${source}: ${said} [${error.debug}]`);
}
