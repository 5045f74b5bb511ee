/** Any base does: only the path of the result is used. */
const BASE = 'http://gateway';

/**
 * The path of an HTTP request target: of `/ws?x=1` and of `http://host/ws` it is `/ws`. Never
 * throws: a target comes from the network as it is, and need not be a URL.
 *
 * @returns `undefined` where the target has no path, such as `*`, `http://[/ws` or `host:443`
 */
export function requestPath(target: string): string | undefined {
  // A target that begins with a slash is a path, also with two: as a relative URL, `//x` would be a host.
  const text = target.startsWith('/') ? BASE + target : target;
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).pathname;
}
