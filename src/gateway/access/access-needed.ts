import { isIP } from 'node:net';

/** What decides whether callers have to show who they are. */
export interface AccessSituation {
  /** The option `access.required`. */
  readonly required: 'auto' | 'always' | 'never';
  /** Where the gateway listens: an address or a name. */
  readonly host: string;
  /** Whether a proxy stands before it (`http.trustProxy`): what comes over loopback then comes from anywhere. */
  readonly isBehindProxy: boolean;
  /** Whether somebody made a token on purpose: in the configuration, or with `diptych token add`. */
  readonly hasTokens: boolean;
}

/** Whether callers have to show who they are. */
export function isAccessNeeded({ required, host, isBehindProxy, hasTokens }: AccessSituation): boolean {
  if (required !== 'auto') return required === 'always';
  return hasTokens || isBehindProxy || !isLoopback(host);
}

/** Whether only programs of this machine reach what listens there. */
export const isLoopback = (host: string): boolean =>
  /^localhost\.?$/i.test(host) || (isIP(host) === 4 && host.startsWith('127.')) || /^(?:0*:)+0*1$/.test(host);
