import { formatCount } from '../../shared/config/config-error.js';
import { explainIssues, formatPath } from '../../shared/config/explain-issue.js';
import { toSchemaNode } from '../../shared/config/json-schema.js';
import { requestSchema, type Request } from '../../shared/signaling/protocol.js';

const REQUEST_NODE = toSchemaNode(requestSchema);

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
  const { issues, more } = explainIssues(result.error, value, REQUEST_NODE);
  const [issue, ...others] = issues;
  const place = issue && issue.path.length > 0 ? `${formatPath(issue.path)}: ` : '';
  const rest = others.length + more === 0 ? '' : ` (and ${formatCount(others.length + more)} more)`;
  const claimedId = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['id'] : undefined;
  return {
    ok: false,
    ...(typeof claimedId === 'number' && Number.isSafeInteger(claimedId) && { id: claimedId }),
    message: `${place}${issue?.message ?? 'not a message of this protocol'}${rest}`,
  };
}
