import { addressesIn, contains, parseAddress, parseNetwork, type Network } from './network.js';

/** Which networks may be reached, as in the configuration. */
export interface NetworkRules {
  /** Such as `rtsp`. */
  readonly schemes: readonly string[];
  /** An address has to be in one of these. */
  readonly allow: readonly string[];
  /** And in none of these. */
  readonly deny: readonly string[];
}

/** Whose rules they are: the option is `access.sources` or `access.targets`. */
export type NetworkUse = 'sources' | 'targets';

/** Addresses that nobody may have the gateway reach, with what they are. */
const NEVER: readonly (readonly [network: Network, what: string])[] = (
  [
    ['0.0.0.0/8', 'stands for this machine and is the address of none'],
    ['169.254.0.0/16', 'is link-local, where cloud metadata services answer'],
    ['100.100.100.200', 'is that of a cloud metadata service'],
    ['168.63.129.16', 'is that of a cloud metadata service'],
    ['192.0.0.192', 'is that of a cloud metadata service'],
    ['224.0.0.0/4', 'is no address of one machine'],
    ['240.0.0.0/4', 'is no address of one machine'],
    ['::', 'stands for this machine and is the address of none'],
    ['fe80::/10', 'is link-local'],
    ['fec0::/10', 'is site-local'],
    ['ff00::/8', 'is no address of one machine'],
    ['fd00:ec2::/32', 'is that of a cloud metadata service'],
    ['fd20:ce::/32', 'is that of a cloud metadata service'],
  ] as const
).flatMap(([text, what]) => {
  const network = parseNetwork(text);
  return network ? [[network, what] as const] : [];
});

/**
 * Why an address may not be reached, and what to do; `undefined` where it may.
 *
 * @param address - IPv4 or IPv6, in any way in which it can be written; text that is none may not be reached
 */
export function explainAddress(address: string, rules: NetworkRules, use: NetworkUse): string | undefined {
  const parsed = parseAddress(address);
  if (!parsed) return `${address} is no address`;
  const [shown, ...embedded] = addressesIn(parsed);
  for (const each of [shown ?? parsed, ...embedded]) {
    const never = NEVER.find(([network]) => contains(network, each));
    // In :: and ::1 stands no IPv4 address.
    if (never && !(each !== shown && isLoopbackOfIpv6(parsed.toString()))) {
      return `the address ${each.toString()} ${never[1]}: it is never taken; use another address`;
    }
    if (hasIt(rules.deny, each)) {
      return `the address ${each.toString()} is in access.${use}.deny; use another address, or take its network out there`;
    }
  }
  if (hasIt(rules.allow, shown ?? parsed)) return undefined;
  return `the address ${(shown ?? parsed).toString()} is not in access.${use}.allow; use another address, or add its network there`;
}

/** The same for a host that is an address; `undefined` for a name, whose addresses are not known yet. */
export const explainHost = (host: string, rules: NetworkRules, use: NetworkUse): string | undefined =>
  parseAddress(host) === undefined ? undefined : explainAddress(host, rules, use);

/** Why sources or targets of this kind are not taken; `undefined` where they are. */
export const explainKind = (scheme: string, { schemes }: NetworkRules, use: NetworkUse): string | undefined =>
  schemes.includes(scheme)
    ? undefined
    : `${scheme} is not in access.${use}.schemes; use one of ${schemes.join(', ') || 'none'}, or add it there`;

const isLoopbackOfIpv6 = (text: string): boolean => text === '::1' || text === '::';

const hasIt = (networks: readonly string[], address: Parameters<typeof contains>[1]): boolean =>
  networks.some((text) => {
    const network = parseNetwork(text);
    return network !== undefined && contains(network, address);
  });
