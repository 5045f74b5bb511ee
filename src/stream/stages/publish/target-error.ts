import { DiptychError } from '../../../shared/domain/errors.js';
import type { BusMessage } from '../../native/types.js';

/** Code of GStreamer's `GstResourceError`. */
const RESOURCE_NOT_AUTHORIZED = 15;

/**
 * What an error on the bus of a target's graph means to the user.
 * @param target - its URL with the stream key masked
 */
export function explainTargetError(
  error: Extract<BusMessage, { type: 'error' | 'warning' }>,
  target: string,
): DiptychError {
  const isRefused = error.domain === 'gst-resource-error-quark' && error.code === RESOURCE_NOT_AUTHORIZED;
  const advice = isRefused ? 'it refused the stream; check the stream key' : 'check host, port and stream key';
  return new DiptychError('DIPTYCH_E_TARGET', `target ${target} failed (${error.text.trim()}); ${advice}`);
}
