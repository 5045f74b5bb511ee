/** First parts of the gateway's own paths: below one of these, two meanings of a path could not be told apart. */
const OWN = ['api', 'assets', 'healthz', 'metrics', 'openapi.json', 'publish', 'readyz', 's', 'whep', 'whip', 'ws'];

/** What `http.basePath` may be: `/`, or parts of letters, digits, `.`, `_`, `~` and `-`. */
export const BASE_PATH = new RegExp(
  `^/$|^(?!/(${OWN.join('|').replaceAll('.', '\\.')})(/|$))(/(?!\\.+(/|$))[\\w.~-]+)+/?$`,
);

/** `http.basePath` as it is put before paths: without a slash at its end, empty for `/`. */
export const pathPrefixOf = (basePath: string): string => basePath.replace(/\/$/, '');

/**
 * The target of a request as the gateway knows it. A proxy may keep the sub-folder in the paths that it passes on, or
 * take it off; both come out the same.
 *
 * @param prefix - as {@link pathPrefixOf} makes it
 */
export function belowPrefix(target: string, prefix: string): string {
  if (prefix === '' || !target.startsWith(prefix)) return target;
  const rest = target.slice(prefix.length);
  if (rest === '') return '/';
  if (rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : target;
}
