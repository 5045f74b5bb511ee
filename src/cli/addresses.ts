import type { Gateway } from '../gateway/gateway.js';

/** What {@link addressLines} reads of a gateway. */
export type Addressed = Pick<Gateway, 'url' | 'deviceUrls' | 'firstToken' | 'isAccessNeeded'>;

/**
 * What to open in a browser. Behind `#` the browser keeps the token to itself: it stands in no log on the way.
 *
 * @param isShown - whether the token is printed after the first start as well: somebody reads, and no log keeps it
 * @param path - of the page
 */
export function addressLines(
  { url, deviceUrls, firstToken, isAccessNeeded }: Addressed,
  isShown: boolean,
  path = '/',
): string[] {
  const isPrinted = firstToken !== undefined && (firstToken.isNew || isShown);
  const secret = isPrinted ? `#token=${firstToken.token}` : '';
  const withPath = (base: string): string => `${base.replace(/\/$/, '')}${path}${secret}`;
  const lines = [`viewer: ${withPath(url)}`, ...deviceUrls.map((base) => `from another device: ${withPath(base)}`)];
  if (firstToken?.file !== undefined) lines.push(`the token of these addresses is in ${firstToken.file}`);
  else if (isAccessNeeded && firstToken === undefined) {
    lines.push('the page asks for a token (access.tokens, diptych token add)');
  }
  if (deviceUrls.length === 0) lines.push('other devices do not reach it; start it with --host 0.0.0.0 for them');
  return lines;
}
