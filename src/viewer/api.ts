import { failureText } from './failure-text.js';
import { checkSession } from './session.js';
import { authorization } from './urls.js';

/** The gateway refused a request, or does not answer. */
export class ApiError extends Error {
  /** HTTP status; 0 where nothing answered. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What an answer that is no success may hold: our own form, and that of RFC 9457. */
interface FailureBody {
  readonly error?: { readonly message?: string };
  readonly detail?: string;
}

/**
 * Asks the API of the gateway. The message of an error is a sentence for people.
 *
 * @param signal - gives it up
 * @returns the body of the answer; `undefined` where it has none
 * @throws {@link ApiError}
 */
export async function callApi<T = undefined>(
  method: string,
  url: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', ...authorization() };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const init: RequestInit = {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  };
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch {
    throw new ApiError(0, 'The gateway does not answer. Try again in a moment.');
  }
  if (response.status === 401) void checkSession();
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, explainFailure(response.status, text));
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function explainFailure(status: number, text: string): string {
  try {
    const { detail, error } = JSON.parse(text) as FailureBody;
    const message = error?.message ?? detail;
    if (message !== undefined) return failureText(message);
  } catch {
    // A proxy's page, which says nothing to people here.
  }
  return `The gateway answered ${status}.`;
}

/** What to tell people of whatever was thrown. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
