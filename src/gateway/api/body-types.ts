import { RefusedRequest } from './refused-request.js';
import type { Route } from './route.js';

/** Of a body that changes a thing, RFC 7396. */
export const MERGE_PATCH = 'application/merge-patch+json';
const JSON_TYPE = 'application/json';

/** The header that says which types of body a method takes (RFC 5789, RFC 9110, W3C's LDP for POST). */
export function acceptedTypes(method: string): Readonly<Record<string, string>> {
  if (method === 'PATCH') return { 'accept-patch': `${MERGE_PATCH}, ${JSON_TYPE}` };
  return method === 'POST' ? { 'accept-post': JSON_TYPE } : { accept: JSON_TYPE };
}

/**
 * Refuses a merge patch where the whole thing is wanted; other types are refused before they are read.
 *
 * @throws {@link RefusedRequest} 415
 */
export function refuseOtherType(contentType: string | undefined, { method, isMergePatch }: Route): void {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (isMergePatch === true || type !== MERGE_PATCH) return;
  throw new RefusedRequest(`expected content-type: ${JSON_TYPE}; ${MERGE_PATCH} is for PATCH`, {
    status: 415,
    headers: acceptedTypes(method),
  });
}
