import { ownUrl } from '../../gateway/api/listen.adapter.js';
import { isAccessNeeded } from '../../gateway/access/access-needed.js';
import { FIRST_TOKEN, TokenFile, type KeptToken } from '../../gateway/access/token-file.adapter.js';
import { urlsForDevices } from '../../gateway/signaling/device-urls.adapter.js';
import { pathPrefixOf } from '../../shared/config/base-path.js';
import type { GatewayConfig } from '../../shared/config/schema.js';
import { messageOf, type Finding } from './finding.js';

const AREA = 'page';

/**
 * Where the page of a gateway with this configuration is opened, and how one signs in there. Tokens are not shown, for
 * findings are passed on to others: the file that holds one is named.
 *
 * @param folder - where tokens are kept that are made; absent where they are not
 */
export async function examinePage(config: GatewayConfig, folder: string | undefined): Promise<Finding> {
  try {
    return await describePage(config, folder === undefined ? undefined : new TokenFile(folder));
  } catch (error) {
    return { area: AREA, verdict: 'broken', text: messageOf(error) };
  }
}

async function describePage({ http, access }: GatewayConfig, file: TokenFile | undefined): Promise<Finding> {
  const path = `${pathPrefixOf(http.basePath)}/`;
  const url = `${ownUrl(http, http.port)}${path}`;
  const others = [...urlsForDevices(url, http.host), ...http.allowedHosts.filter((name) => name !== '*')];
  const reach = others.length === 0 ? 'other devices do not reach it' : `from other devices ${others.join(', ')}`;
  const kept = (await file?.read()) ?? [];
  const hasTokens = access.token !== undefined || access.tokens.length > 0 || kept.some(isMadeByPeople);
  const isNeeded = isAccessNeeded({
    ...{ required: access.required, host: http.host, isBehindProxy: http.trustProxy.length > 0, hasTokens },
  });
  const text = `${url}; ${reach}; ${isNeeded ? 'it asks for a token' : 'nobody is asked for a token'}`;
  if (!isNeeded) {
    const advice = others.length === 0 ? 'start it with --host 0.0.0.0 for other devices' : OPEN_TO_ALL;
    return { area: AREA, verdict: others.length === 0 ? 'good' : 'limited', text, advice };
  }
  return { area: AREA, verdict: 'good', text, advice: `sign in with ${await waysIn({ access, kept, file })}` };
}

const OPEN_TO_ALL = 'whoever reaches it does everything; leave that to access.required: auto, or limit who reaches it';

const isMadeByPeople = ({ name }: KeptToken): boolean => name !== FIRST_TOKEN;

/** Which tokens open the page. */
async function waysIn({
  access: { token, tokens },
  kept,
  file,
}: Pick<GatewayConfig, 'access'> & {
  readonly kept: readonly KeptToken[];
  readonly file: TokenFile | undefined;
}): Promise<string> {
  const hasFirst = (await file?.readFirst()) !== undefined;
  const names = [...tokens, ...kept.filter(isMadeByPeople)].map(({ name, role }) => `"${name}" (${role})`);
  const ways = [
    ...(hasFirst ? [`the token in ${file?.firstPath ?? ''}, or by #token=TOKEN behind the address`] : []),
    ...(token === undefined ? [] : ['the token of the configuration (access.token, DIPTYCH_TOKEN)']),
    ...(names.length === 0 ? [] : [`one of the tokens ${names.join(', ')}`]),
  ];
  if (ways.length > 0) return ways.join('; or ');
  const where = file === undefined ? '' : `, and keeps in ${file.firstPath}`;
  return `the token that the gateway makes at its first start, prints with the address${where}`;
}
