import ipaddr from 'ipaddr.js';

/** Bits of an IPv6 address that name a network; a machine has all addresses of its network (RFC 4291, section 2.5.1). */
const NETWORK_BITS = 64;

/**
 * By what somebody is counted where an address may do so much and no more: an IPv4 address as it is, an IPv6 address by
 * its network, because one machine has as many of these as it likes.
 *
 * @param address - of whoever sent a request; what is no address is counted as it is
 */
export function addressGroup(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString()}/${NETWORK_BITS}`).toString()}/${NETWORK_BITS}`;
}
