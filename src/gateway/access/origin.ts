/**
 * Whether a page of this origin may open the WebSocket. A browser always sends `Origin`; what
 * sends none is a program, which could claim any origin anyway.
 *
 * @param host - the `Host` header of the request: the own page has the same
 * @param allowed - further origins; `*` stands for all
 */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || allowed.includes('*')) return true;
  if (allowed.some((candidate) => candidate.toLowerCase() === origin.toLowerCase())) return true;
  try {
    return new URL(origin).host === host?.toLowerCase();
  } catch {
    return false;
  }
}
