import type { SourceConfig } from '../../shared/config/schema.js';
import type { ErrorCode } from '../../shared/domain/errors.js';

/** Options that a source follows while it plays; for every other one it is opened anew. */
const FOLLOWED: ReadonlySet<string> = new Set<keyof SourceConfig>(['frozenS', 'loop', 'maxGopS', 'takeover']);

/** What a source fails with where another session with it is in its way. Some cameras only hang up; a port is taken. */
const BUSY: ReadonlySet<ErrorCode> = new Set([
  'DIPTYCH_E_SOURCE_BUSY',
  'DIPTYCH_E_SOURCE_UNREACHABLE',
  'DIPTYCH_E_CONFLICT',
]);

/** Whether one source can go on as the other. */
export const isSameSource = (one: SourceConfig, other: SourceConfig): boolean => openedAs(one) === openedAs(other);

/** Whether a source may have failed with `code` only because another one is open: both are the same device or host. */
export const isInTheWay = (shown: SourceConfig, next: SourceConfig, code: ErrorCode): boolean =>
  BUSY.has(code) && placeOf(shown) === placeOf(next);

const openedAs = (source: SourceConfig): string =>
  JSON.stringify(Object.entries(source).filter(([key]) => !FOLLOWED.has(key)));

/** The host of an address, without user and port of a camera; what has no host is its own place. */
function placeOf({ url }: SourceConfig): string {
  const [, scheme = '', authority = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i.exec(url) ?? [];
  const address = authority.slice(authority.lastIndexOf('@') + 1);
  if (address === '') return url.replace(/\?.*$/s, '').toLowerCase();
  return /^rtsps?$/i.test(scheme) ? address.replace(/:\d*$/, '').toLowerCase() : address.toLowerCase();
}
