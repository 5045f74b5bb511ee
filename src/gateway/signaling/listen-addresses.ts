import type { types } from 'mediasoup';

/** Where a socket listens. */
export interface ListenAddress {
  /** Address to listen on. */
  readonly ip: string;
  /** Set for the socket of all IPv6 addresses, beside which there is one of all IPv4 addresses. */
  readonly flags?: { readonly ipv6Only: true };
}

/** An address of this machine, as `os.networkInterfaces` gives it. */
export interface NetworkAddress {
  /** IPv4 or IPv6, in text. */
  readonly address: string;
  /** `IPv4` or `IPv6`. */
  readonly family: string;
  /** Whether it is a loopback address. */
  readonly internal: boolean;
}

/** How media is reached, as in the configuration. */
export interface MediaAddresses {
  /** An address; `0.0.0.0` and `::` stand for all addresses of the machine. */
  readonly listenIp: string;
  /** What browsers are told instead, for example behind NAT. @defaultValue none */
  readonly announcedAddress?: string | undefined;
  /** More of them. @defaultValue none */
  readonly announcedAddresses?: readonly string[] | undefined;
}

const ANY_IPV4 = '0.0.0.0';
const ANY_IPV6 = '::';
/** The priorities of two candidates of one kind differ by a step of their local preference (RFC 8445, 5.1.2.1). */
const PREFERENCE_STEP = 256;

/** Whether it stands for all addresses of a machine. */
export const isAnyAddress = (host: string): boolean => host === ANY_IPV4 || host === ANY_IPV6;

/** The sockets that media needs: one, or one for each family where it listens on all addresses of both. */
export function bindAddresses(listenIp: string): ListenAddress[] {
  return listenIp === ANY_IPV6 ? [{ ip: ANY_IPV4 }, { ip: ANY_IPV6, flags: { ipv6Only: true } }] : [{ ip: listenIp }];
}

/**
 * The addresses that browsers are told. "All addresses" means nothing to a browser, so it becomes each address
 * that the machine has now, those of the network first, unless some are announced for all. IPv6 addresses of a
 * single link are left out: browsers do not reach them without a zone.
 */
export function reachableAddresses(
  { listenIp, announcedAddress, announcedAddresses = [] }: MediaAddresses,
  interfaces: readonly NetworkAddress[],
): string[] {
  const announced = announcedAddress === undefined ? announcedAddresses : [announcedAddress, ...announcedAddresses];
  if (announced.length > 0) return [...new Set(announced)];
  if (!isAnyAddress(listenIp)) return [listenIp];
  return interfaces
    .filter(({ family, address }) => family === 'IPv4' || (listenIp === ANY_IPV6 && !/^fe80:/i.test(address)))
    .sort((a, b) => Number(a.internal) - Number(b.internal))
    .map(({ address }) => address);
}

/** The addresses of this machine by which other devices reach what listens on `host`; none for loopback. */
export function deviceAddresses(host: string, interfaces: readonly NetworkAddress[]): string[] {
  const internal = new Set(interfaces.filter((one) => one.internal).map(({ address }) => address));
  const isHere = (address: string): boolean => internal.has(address) || /^(?:localhost$|127\.)/i.test(address);
  return reachableAddresses({ listenIp: host }, interfaces).filter((address) => !isHere(address));
}

/** For UDP and for TCP one candidate an address, the first address preferred; all sockets have the same port. */
export function announceCandidates(
  candidates: readonly types.IceCandidate[],
  addresses: readonly string[],
): types.IceCandidate[] {
  return (['udp', 'tcp'] as const).flatMap((protocol) => {
    const sample = candidates.find((candidate) => candidate.protocol === protocol);
    if (!sample) return [];
    return addresses.map((address, index) => ({
      ...sample,
      foundation: `${sample.foundation}${index}`,
      priority: sample.priority - index * PREFERENCE_STEP,
      ip: address,
      address,
    }));
  });
}
