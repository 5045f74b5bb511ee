import { requestSchema, type Request } from '../../shared/signaling/protocol.js';

/** A message that could be read, or what to tell its sender. */
export type ParsedRequest =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly id?: number; readonly message: string };

/** Reads one text frame of a client; never throws. */
export function parseRequest(text: string): ParsedRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, message: 'expected a JSON object, got text that is no JSON' };
  }
  const result = requestSchema.safeParse(value);
  if (result.success) return { ok: true, request: result.data };
  const issue = result.error.issues[0];
  const place = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  const claimedId = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['id'] : undefined;
  return {
    ok: false,
    ...(typeof claimedId === 'number' && Number.isSafeInteger(claimedId) && { id: claimedId }),
    message: `${place}${issue?.message ?? 'not a message of this protocol'}`,
  };
}
