import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An address with the length of its prefix: a network. */
export type Network = readonly [Address, number];

/** Whether a text is an address or a network, such as `192.168.0.0/16`. */
export const isNetwork = (text: string): boolean => parseNetwork(text) !== undefined;

/** Reads an address or a network; `undefined` where it is none. */
export function parseNetwork(text: string): Network | undefined {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    return undefined;
  }
}

/**
 * Reads an address as the operating system does: also `2130706433`, `0x7f.1` and `0177.0.0.1`, with brackets, a zone or
 * a dot at its end. `undefined` for a name.
 */
export function parseAddress(host: string): Address | undefined {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  try {
    return ipaddr.parse(bare);
  } catch {
    return undefined;
  }
}

/** Whether a network has an address; one of another family never has. */
export function contains([base, bits]: Network, address: Address): boolean {
  return base.kind() === address.kind() && address.match(base, bits);
}

/**
 * The addresses that one leads to: itself, and the IPv4 address that is written in it, because the network or the system
 * passes it on to that (RFC 4291, 6052, 3056, 4380, 5214). One that is mapped is nothing but the IPv4 address.
 */
export function addressesIn(address: Address): readonly Address[] {
  if (address.kind() === 'ipv4') return [address];
  const v6 = address as ipaddr.IPv6;
  if (v6.isIPv4MappedAddress()) return [v6.toIPv4Address()];
  const bytes = v6.toByteArray();
  return [
    v6,
    ...EMBEDDED.flatMap(({ network, at, isInverted = false }) =>
      contains(network, v6) ? [embeddedIn(bytes, at, isInverted)] : [],
    ),
    ...(isIsatap(bytes) ? [embeddedIn(bytes, 12, false)] : []),
  ];
}

interface Embedding {
  readonly network: Network;
  /** First of four bytes. */
  readonly at: number;
  /** Each bit is the other one. */
  readonly isInverted?: boolean;
}

const v6 = (text: string, bits: number): Network => [ipaddr.IPv6.parse(text), bits];

const EMBEDDED: readonly Embedding[] = [
  { network: v6('::', 96), at: 12 },
  { network: v6('::ffff:0:0:0', 96), at: 12 },
  { network: v6('64:ff9b::', 96), at: 12 },
  { network: v6('64:ff9b:1::', 48), at: 12 },
  { network: v6('2002::', 16), at: 2 },
  { network: v6('2001::', 32), at: 12, isInverted: true },
];

const isIsatap = (bytes: readonly number[]): boolean =>
  ((bytes[8] ?? 0) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;

function embeddedIn(bytes: readonly number[], at: number, isInverted: boolean): ipaddr.IPv4 {
  return new ipaddr.IPv4(bytes.slice(at, at + 4).map((byte) => (isInverted ? byte ^ 0xff : byte)));
}
